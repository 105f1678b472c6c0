package dbmigrate.local;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.StringEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The classes of a function's package and of the jars in it, and the classes that they name: in
 * their code, in the types of their members and in texts.
 *
 * @param names the classes, their names with slashes
 * @param files the same, and those of them that are for a newer Java
 * @param services the classes that files of META-INF/services name
 */
record PackagedClasses(Set<String> names, List<byte[]> files, Set<String> services) {
    private static final String CLASS = ".class";
    private static final Pattern FOR_A_NEWER_JAVA = Pattern.compile("^META-INF/versions/\\d+/");
    private static final Pattern IN_A_DESCRIPTOR =
            Pattern.compile("(?<![\\w/$])L(\\w+/[\\w/$]+)[;<]");

    /** A text that is the name of a class, in Java's spelling or in the JVM's. */
    private static final Pattern QUALIFIED =
            Pattern.compile("[a-z]\\w*([./][a-z]\\w*)+[./][A-Z][\\w$]*");

    static PackagedClasses of(Path zip) throws IOException {
        var classes = new PackagedClasses(new HashSet<>(), new ArrayList<>(), new TreeSet<>());
        try (var content = Files.newInputStream(zip)) {
            classes.read(content);
        }
        return classes;
    }

    private void read(InputStream archive) throws IOException {
        var zip = new ZipInputStream(archive);
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = entry.getName();
            if (name.endsWith(".jar")) {
                read(new ByteArrayInputStream(zip.readAllBytes()));
            } else if (name.endsWith(CLASS)) {
                String path = name.substring(0, name.length() - CLASS.length());
                names.add(FOR_A_NEWER_JAVA.matcher(path).replaceFirst(""));
                files.add(zip.readAllBytes());
            } else if (name.startsWith("META-INF/services/") && !entry.isDirectory()) {
                new String(zip.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(line -> line.replaceFirst("#.*", "").strip().replace('.', '/'))
                        .filter(line -> !line.isEmpty())
                        .forEach(services::add);
            }
        }
    }

    /** What is named by a class and is neither here nor in the JDK. */
    Set<String> missing() {
        return files.stream()
                .flatMap(PackagedClasses::named)
                .filter(this::isMissing)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** What is named by a file of services and is not here. */
    Set<String> missingServices() {
        return services.stream()
                .filter(this::isMissing)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean isMissing(String name) {
        return !names.contains(name)
                && ClassLoader.getPlatformClassLoader().getResource(name + CLASS) == null;
    }

    private static Stream<String> named(byte[] file) {
        var pool = ClassFile.of().parse(file).constantPool();
        Stream.Builder<String> names = Stream.builder();
        for (PoolEntry entry : pool) {
            switch (entry) {
                case ClassEntry type when type.asSymbol().isClassOrInterface() ->
                        names.add(type.asInternalName());
                case StringEntry text when QUALIFIED.matcher(text.stringValue()).matches() ->
                        names.add(text.stringValue().replace('.', '/'));
                case Utf8Entry text ->
                        IN_A_DESCRIPTOR
                                .matcher(text.stringValue())
                                .results()
                                .map(found -> found.group(1))
                                .forEach(names::add);
                default -> {}
            }
        }
        return names.build().distinct();
    }
}
