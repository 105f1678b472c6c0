package dbmigrate.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An authority of one test's own that signs certificates of servers, made with {@code openssl},
 * which Debian's PostgreSQL brings.
 */
public final class TestAuthority {
    private static final String DAYS = "30";

    private final Path folder;

    private TestAuthority(Path folder) {
        this.folder = folder;
    }

    /** Makes its root in a new folder of this name. */
    public static TestAuthority make(Path parent, String name)
            throws IOException, InterruptedException {
        TestAuthority made = new TestAuthority(Files.createDirectory(parent.resolve(name)));
        made.request("root", name);
        return made;
    }

    /** The root, in PEM. */
    public Path root() {
        return folder.resolve("root.pem");
    }

    /** The root, in DER. */
    public byte[] der() throws IOException {
        return Base64.getMimeDecoder()
                .decode(Files.readString(root()).replaceAll("-----[A-Z ]+-----", ""));
    }

    /** The certificate of a host and its key, in PEM. */
    public Issued issue(String host) throws IOException, InterruptedException {
        request(
                host,
                host,
                "-addext",
                "subjectAltName=DNS:" + host,
                "-CA",
                root().toString(),
                "-CAkey",
                folder.resolve("root.key").toString());
        return new Issued(
                Files.readAllBytes(folder.resolve(host + ".pem")),
                Files.readAllBytes(folder.resolve(host + ".key")));
    }

    /** A certificate and its key. */
    public record Issued(byte[] certificate, byte[] key) {}

    private void request(String file, String name, String... more)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "openssl",
                                "req",
                                "-x509",
                                "-newkey",
                                "ec",
                                "-pkeyopt",
                                "ec_paramgen_curve:prime256v1",
                                "-nodes",
                                "-days",
                                DAYS,
                                "-subj",
                                "/CN=" + name.substring(0, Math.min(name.length(), 60)),
                                "-keyout",
                                folder.resolve(file + ".key").toString(),
                                "-out",
                                folder.resolve(file + ".pem").toString()));
        command.addAll(List.of(more));
        Process openssl =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("output").toFile())
                        .start();
        if (openssl.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("output")));
        }
    }
}
