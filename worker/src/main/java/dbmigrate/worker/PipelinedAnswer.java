package dbmigrate.worker;

import java.sql.ResultSet;

/**
 * The rows that one statement answered.
 *
 * @param sent what it was sent with, to be released when they are read
 */
record PipelinedAnswer(Sent sent, ResultSet rows) {}
