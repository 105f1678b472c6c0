package dbmigrate.database;

/**
 * A value that prints masked, so that no log line or message shows it by accident.
 *
 * @param reveal the value itself; whoever calls for it answers for where it goes
 */
public record Secret(String reveal) {
    @Override
    public String toString() {
        return "****";
    }
}
