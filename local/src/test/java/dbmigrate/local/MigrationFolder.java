package dbmigrate.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of the SQL that a running system looks into. */
record MigrationFolder(Path path) {
    /** Makes the table that {@link #WAITING} looks at. */
    static final String GATE = "create table gate ();";

    /** Waits until a row stands in the table gate. */
    static final String WAITING =
            """
            do $$ begin
                while not exists (select from gate) loop perform pg_sleep(0.05); end loop;
            end $$;
            """;

    /** Lets {@link #WAITING} go on. */
    static final String OPEN_GATE = "insert into gate default values";

    MigrationFolder with(String file, String sql) {
        try {
            Files.writeString(path.resolve(file), sql);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    MigrationFolder without(String file) throws IOException {
        Files.delete(path.resolve(file));
        return this;
    }

    void clear() throws IOException {
        Files.createDirectories(path);
        try (var files = Files.list(path)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }
}
