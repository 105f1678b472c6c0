package dbmigrate.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The schema that DATABASE_URL names is the migrations', however many files there are. */
@Timeout(60)
@Tag("database")
class ManyFilesInTheSchemaOfTheUrlTest {
    @TempDir Path migrations;

    private RunFixture fixture;

    @BeforeEach
    void open() {
        fixture = new RunFixture(migrations);
        fixture.server(fixture.postgres.url(fixture.database) + "?schema=app", "postgres");
        files(1, 231);
    }

    @AfterEach
    void close() throws SQLException {
        fixture.close();
    }

    @Test
    void onePendingAmongManyRunsWhereTheOthersDid() throws SQLException {
        fixture.postgres.execute("postgres", "create database " + fixture.database);
        PlainFlyway.on(fixture.database, migrations).defaultSchema("app").load().migrate();
        files(231, 232);
        assertEquals(new Ending.Completed(Optional.of("231")), attempt());
        assertEquals(List.of("app|232"), tables());
    }

    @Test
    void manyPendingRunInTheSchemaThatIsNamed() throws SQLException {
        assertEquals(new Ending.Completed(Optional.of("230")), attempt());
        assertEquals(List.of("app|231"), tables());
    }

    private void files(int from, int to) {
        for (int i = from; i < to; i++) {
            fixture.file("V%d__n.sql".formatted(i), "create table n%d (id int)".formatted(i));
        }
    }

    /** How many are where, the history among them. */
    private List<String> tables() {
        return fixture.postgres.query(
                fixture.database,
                """
                select relnamespace::regnamespace, count(*) from pg_class
                where relkind = 'r' and (relname like 'n%' or relname = 'flyway_schema_history')
                    and relnamespace::regnamespace::text in ('app', 'public')
                group by 1 order by 1
                """);
    }

    private Ending attempt() throws SQLException {
        return fixture.attempt(fixture.claimed(), TimeLimit.none());
    }
}
