package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The SQL of the fault suite: transactional, concurrent and long migrations, whose sleeps are about
 * six seconds in all. Each transactional one inserts its version into a table without a key, so
 * that one that is applied twice is seen; what the others do is seen in the schema.
 *
 * @param stretch by how much every sleep and every index build is longer
 */
record FaultMigrations(Path folder, double stretch) {
    /** How long a transactional one sleeps, in seconds, by version. */
    private static final Map<Integer, Double> SLEEPS =
            Map.of(1, 0.1, 2, 0.5, 4, 0.3, 7, 0.8, 9, 0.2, 12, 0.3, 14, 0.7, 16, 0.1);

    private static final Map<Integer, String> TRANSACTIONAL =
            Map.of(
                    1,
                    """
                    create table effect (version int not null);
                    create function slow(int) returns int immutable language plpgsql as
                    $$ begin perform pg_sleep(0.002); return $1; end $$;
                    create table item (id int not null, a int not null);
                    insert into item select i, i %% 13 from generate_series(1, %d) i;
                    """,
                    2,
                    "create sequence counter;",
                    4,
                    "alter table item add column b int not null default 7; update item set b = id % 5;",
                    7,
                    "create table child (item int, note text);",
                    9,
                    "create view items as select id, a, b from item;",
                    12,
                    "alter table child add column at timestamptz; select nextval('counter');",
                    14,
                    "alter table item add constraint positive check (id > 0);",
                    16,
                    "comment on table item is 'the last one';");

    private static final Map<Integer, String> NON_TRANSACTIONAL =
            Map.of(
                    3,
                    "create index concurrently item_a on item (slow(a));",
                    5,
                    """
                    create unique index concurrently item_id on item (id);
                    create index concurrently item_b on item (slow(b));
                    """,
                    6,
                    "vacuum analyze item;",
                    8,
                    "reindex index concurrently item_a;",
                    10,
                    "drop index concurrently item_b;",
                    11,
                    "reindex table concurrently item;",
                    13,
                    """
                    create index concurrently item_ab on item (slow(a), b);
                    analyze item;
                    drop index concurrently item_a;
                    """,
                    15,
                    "analyze;");

    void write() throws IOException {
        for (var one : TRANSACTIONAL.entrySet()) {
            int version = one.getKey();
            String sql =
                    version == 1
                            ? one.getValue().formatted(Math.round(100 * stretch))
                            : one.getValue();
            Files.writeString(
                    file(version),
                    "%s%ninsert into effect values (%d);%nselect pg_sleep(%s);%n"
                            .formatted(
                                    sql.strip(),
                                    version,
                                    seconds(SLEEPS.getOrDefault(version, 0.0))));
        }
        for (var one : NON_TRANSACTIONAL.entrySet()) {
            Path file = file(one.getKey());
            Files.writeString(file, one.getValue());
            Files.writeString(Path.of(file + ".conf"), "executeInTransaction=false\n");
        }
    }

    private String seconds(double of) {
        return String.format(Locale.ROOT, "%.4f", of * stretch);
    }

    private Path file(int version) {
        return folder.resolve(script(version));
    }

    private static String script(int version) {
        return "V%d__%s.sql"
                .formatted(version, TRANSACTIONAL.containsKey(version) ? "transaction" : "none");
    }

    /** The scripts, the first to be applied first. */
    static List<String> scripts() {
        var versions = new TreeMap<Integer, String>(TRANSACTIONAL);
        versions.putAll(NON_TRANSACTIONAL);
        return versions.keySet().stream().map(FaultMigrations::script).toList();
    }

    /** The versions that leave a row. */
    static List<Integer> effects() {
        return TRANSACTIONAL.keySet().stream().sorted().toList();
    }
}
