package dbmigrate.worker;

import dbmigrate.database.SqlState;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What PostgreSQL said of a failure, without values. Its context ({@code CONTEXT:}, the field
 * {@code where}) and the query inside a function are left out altogether: they quote rows of a COPY
 * and arguments of functions, and no rule tells these from names.
 */
record ServerWords(ServerErrorMessage said, Masking masking) {
    /**
     * The routine of PL/pgSQL's source, pl_exec.c, that does a RAISE; no language translates it.
     */
    private static final String RAISE = "exec_stmt_raise";

    /** Empty where it was not the server that spoke. */
    static Optional<ServerWords> of(Throwable failure, Masking masking) {
        return Failures.in(failure, PSQLException.class)
                .map(PSQLException::getServerErrorMessage)
                .map(said -> new ServerWords(said, masking));
    }

    /** The message with its detail; the detail of a RAISE is what its author put there: data. */
    String text() {
        String text = masking.message(String.valueOf(said.getMessage()), state());
        return Optional.ofNullable(said.getDetail())
                .filter(_ -> !isRaised())
                .flatMap(detail -> masking.detail(detail, state()))
                .map(detail -> text + " (" + detail + ")")
                .orElse(text);
    }

    Optional<String> hint() {
        return Optional.ofNullable(said.getHint()).map(hint -> masking.message(hint, state()));
    }

    Optional<String> constraint() {
        return Optional.ofNullable(said.getConstraint());
    }

    /** Characters into the statement, the first is 1; empty where it points into a function. */
    Optional<Integer> position() {
        return Optional.of(said.getPosition()).filter(position -> position > 0);
    }

    /** Whether a RAISE of a script has said it, whatever ERRCODE it chose. */
    private boolean isRaised() {
        return state().equals(SqlState.RAISE_EXCEPTION) || RAISE.equals(said.getRoutine());
    }

    private String state() {
        return String.valueOf(said.getSQLState());
    }

    /** What happened where the server said nothing; the driver's own words are not for callers. */
    static String silence(PSQLException failure) {
        if (Failures.in(failure, UnknownHostException.class).isPresent()) {
            return "there is no address for the server's host name";
        }
        if (Failures.in(failure, ConnectException.class).isPresent()) {
            return "the server refuses the connection: nothing listens there";
        }
        if (Failures.in(failure, SocketTimeoutException.class).isPresent()) {
            return "the server did not answer in time";
        }
        String said = String.valueOf(failure.getMessage());
        if (said.contains("does not support SSL")) {
            return "DATABASE_URL wants TLS, and the server offers none";
        }
        return said.contains("SSL") || said.contains("could not be verified")
                ? "the server's certificate was not accepted, or no TLS session came about"
                : "the server cannot be reached, or the connection was lost";
    }
}
