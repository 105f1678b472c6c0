package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The runtime-interface-client's jars and the native library out of one of them, which it would
 * otherwise unpack to one fixed file from all processes at once.
 */
record RuntimeClient(List<Path> jars, Path nativeLibrary) {
    /**
     * @param jars a folder
     * @param workspace where the library is put
     */
    static RuntimeClient unpack(Path jars, Path workspace) throws IOException {
        try (var files = Files.list(jars)) {
            var client = files.sorted().toList();
            String library =
                    "jni/libaws-lambda-jni.linux-%s.so"
                            .formatted(
                                    System.getProperty("os.arch").equals("aarch64")
                                            ? "aarch_64"
                                            : "x86_64");
            return new RuntimeClient(
                    client, Zip.extract(client, library, workspace.resolve("runtime-client.so")));
        }
    }
}
