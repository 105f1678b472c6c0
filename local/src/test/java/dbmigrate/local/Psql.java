package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The floor: one psql session that runs each file in a transaction of its own, with a line of a
 * history.
 */
record Psql(Path program, Path folder) {
    private static final String HISTORY =
            "create table history (version int primary key, script text, at timestamptz default now());\n";

    /**
     * @param folder for its scripts
     */
    static Optional<Psql> installed(Path folder) {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")).map(Path::of),
                        IntStream.iterate(30, version -> version - 1)
                                .limit(20)
                                .mapToObj(version ->
                                        Path.of("/usr/lib/postgresql/" + version + "/bin")))
                .map(each -> each.resolve("psql"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(program -> new Psql(program, folder));
    }

    /**
     * @param migrations the folder of the files
     * @param first the version; with 1 the history is made, too
     * @return how many ms it took
     */
    double run(Way way, String database, Path migrations, int first, int last)
            throws IOException, InterruptedException {
        var script =
                new StringBuilder(first == 1 ? HISTORY : "select max(version) from history;\n");
        for (int version = first; version <= last; version++) {
            String file = RepeatableFigures.file(version);
            script.append("begin;\n\\i %s\n".formatted(migrations.resolve(file)));
            script.append("insert into history values (%d, '%s');\n".formatted(version, file));
            script.append("commit;\n");
        }
        Path file = Files.writeString(folder.resolve("run.sql"), script);
        return Programs.run(
                folder,
                program.toString(),
                "-XqAto",
                "/dev/null",
                "-v",
                "ON_ERROR_STOP=1",
                "-f",
                file.toString(),
                way.libpqUrl(database));
    }
}
