package dbmigrate.warnings;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is warned of; docs/warnings.md gives the source of each. */
public enum Rule {
    ADD_CHECK(
            "reads the whole table under ACCESS EXCLUSIVE: nobody reads or writes it meanwhile",
            "ADD CONSTRAINT … CHECK (…) NOT VALID, and VALIDATE CONSTRAINT in a later migration"),
    ADD_COLUMN_REWRITE(
            "gives every row a value of its own, and so rewrites the table and its indexes under ACCESS EXCLUSIVE",
            "add the column without it; set the default in a second statement, for new rows; fill the old ones in batches"),
    ADD_COLUMN_NOT_NULL(
            "fails as soon as the table has a row: the new column has no value there",
            "give it a default that is not volatile, or add it without NOT NULL, fill it, and then SET NOT NULL"),
    ADD_EXCLUSION(
            "builds an index under ACCESS EXCLUSIVE; there is no way to do that concurrently",
            "run it when the application may stand still, with a lock_timeout"),
    ADD_FOREIGN_KEY(
            "reads the whole table while nobody may write it, nor the table that it refers to",
            "ADD CONSTRAINT … FOREIGN KEY … NOT VALID, and VALIDATE CONSTRAINT in a later migration"),
    ADD_UNIQUE(
            "builds an index under ACCESS EXCLUSIVE: nobody reads or writes the table meanwhile",
            "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX (for a primary key with NOT NULL columns)"),
    ALTER_DOMAIN(
            "reads every table with a column of the domain while nobody may write it",
            "a CHECK of the tables themselves: ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a later migration"),
    ALTER_SYSTEM(
            "changes the whole server, for every database of it, and cannot run in a transaction",
            "change the server's parameter group or configuration where that is kept"),
    ATTACH_PARTITION(
            "reads the whole new partition under ACCESS EXCLUSIVE, unless a CHECK constraint proves its bounds",
            "add and validate a CHECK constraint with the partition's bounds first"),
    CHANGE_COLUMN_TYPE(
            "rewrites the table and its indexes under ACCESS EXCLUSIVE: nobody reads or writes it meanwhile",
            "add a column of the new type, write both (a trigger), fill it in batches, change the application over, drop the old one"),
    CLUSTER(
            "rewrites the table under ACCESS EXCLUSIVE: nobody reads or writes it meanwhile",
            "do without, or use pg_repack"),
    CREATE_INDEX(
            "nobody writes the table while the index is built",
            "CREATE INDEX CONCURRENTLY in a script of its own, with executeInTransaction=false in its .conf;"
                    + " of a partitioned table: ON ONLY it, then so of each partition, and ALTER INDEX … ATTACH PARTITION"),
    DEFAULT_PARTITION(
            "reads the whole default partition under ACCESS EXCLUSIVE, unless a CHECK constraint rules the new one's rows out",
            "add and validate such a CHECK constraint on the default partition first"),
    DETACH_PARTITION(
            "takes ACCESS EXCLUSIVE on the table, the partition and the default partition, and waits for every transaction that uses them while others wait behind",
            "DETACH PARTITION … CONCURRENTLY in a script of its own, with executeInTransaction=false in its .conf;"
                    + " PostgreSQL refuses that where there is a default partition"),
    DISABLE_TRIGGER(
            "while it is off, what the triggers ensure does not hold, foreign keys among them; the lock keeps writers out",
            "leave them on, or set session_replication_role for this session alone"),
    DROP_CASCADE(
            "drops also what depends on it, whatever that is on this database",
            "drop by name what is to go, without CASCADE"),
    DROP_COLUMN(
            "its data is gone, and the application's version that still runs may name it",
            "deploy an application that no longer names it first, and drop it in a later migration"),
    DROP_DATABASE("everything in it is gone", "do it by hand"),
    DROP_INDEX(
            "takes ACCESS EXCLUSIVE on the table, and waits for every transaction that uses it while others wait behind",
            "DROP INDEX CONCURRENTLY in a script of its own, with executeInTransaction=false in its .conf;"
                    + " PostgreSQL refuses that for a partitioned table's index"),
    DROP_SCHEMA(
            "the application's version that still runs may use it",
            "deploy an application that no longer uses it first, and drop it in a later migration"),
    DROP_TABLE(
            "its data is gone, and the application's version that still runs may use it",
            "deploy an application that no longer uses it first, and drop it in a later migration"),
    DROP_VIEW(
            "the application's version that still runs may use it",
            "make it anew in the same migration, or drop it once the application no longer uses it"),
    ENUM_VALUE_USED(
            "a new value of an enum cannot be used in the transaction that adds it (SQLSTATE 55P04)",
            "add the value in a migration before this one"),
    LOCK_TABLE(
            "keeps others off the table until the migration's end",
            "take the weakest mode that does, as late as possible"),
    NOT_READ(
            "PostgreSQL 18's parser does not read the statement: it was not looked at",
            "look at it yourself; where it is a newer version's syntax, accept it"),
    REBUILD_FOR_TYPE(
            "builds the column's indexes anew, or reads the table for its CHECK, under ACCESS EXCLUSIVE",
            "drop the index (CONCURRENTLY) or the CHECK before, and make it anew after (CONCURRENTLY, NOT VALID)"),
    REFRESH_MATERIALIZED_VIEW(
            "nobody reads the view until it is filled anew",
            "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on it"),
    REINDEX(
            "nobody writes the table while its indexes are rebuilt, and many queries wait too",
            "REINDEX … CONCURRENTLY in a script of its own, with executeInTransaction=false in its .conf"),
    RENAME_COLUMN(
            "the application's version that still runs names the old one",
            "add the new one, write both, change the application over, drop the old one"),
    RENAME_TABLE(
            "the application's version that still runs names the old one",
            "rename it and make a view of the old name in the same migration; drop the view in a later one"),
    REWRITE_TABLE(
            "rewrites or copies the table under ACCESS EXCLUSIVE: nobody reads or writes it meanwhile",
            "make a new table that way and move the rows in batches, or use pg_repack"),
    SET_NOT_NULL(
            "reads the whole table under ACCESS EXCLUSIVE to find a null",
            "ADD CONSTRAINT … CHECK (… IS NOT NULL) NOT VALID; VALIDATE CONSTRAINT in a later migration; SET NOT NULL then reads nothing"),
    TRUNCATE(
            "its data is gone, and nobody reads or writes the table until the migration's end",
            "delete in batches what is to go"),
    UNKNOWN_RULE(
            "the comment accepts a rule that does not exist, or gives no reason: it accepts nothing",
            "-- db-migrate: accept <rule> because <reason>; docs/warnings.md has the rules"),
    VACUUM_FULL(
            "rewrites the table under ACCESS EXCLUSIVE: nobody reads or writes it meanwhile",
            "VACUUM without FULL, or pg_repack"),
    VALIDATE_WITH_ADD(
            "the lock of ADD CONSTRAINT is held until the transaction's end, and so while the table is read",
            "put VALIDATE CONSTRAINT into a migration of its own"),
    WRITE_ALL_ROWS(
            "writes every row in one transaction: whoever writes one of them waits, and the table doubles",
            "name the rows in WHERE, and write them in batches");

    private final String why;
    private final String safeWay;

    Rule(String why, String safeWay) {
        this.why = why;
        this.safeWay = safeWay;
    }

    /** The rule's name in a comment and in a report. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** What is dangerous, in a few words. */
    public String why() {
        return why;
    }

    /** What does the same without the danger. */
    public String safeWay() {
        return safeWay;
    }

    static Optional<Rule> of(String id) {
        return Arrays.stream(values()).filter(rule -> rule.id().equals(id)).findFirst();
    }
}
