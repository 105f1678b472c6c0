package dbmigrate.testing;

/**
 * A server that is up.
 *
 * @param stop ends it and leaves nothing behind
 */
record RunningServer(String host, int port, Runnable stop) {}
