package dbmigrate.worker;

import dbmigrate.database.SqlState;
import dbmigrate.process.Failure;
import dbmigrate.process.FailureCode;
import java.util.Optional;
import org.flywaydb.core.internal.sqlscript.FlywaySqlScriptException;
import org.postgresql.util.PSQLException;

/** A statement of a script failed. */
record StatementFailure(FlywaySqlScriptException script, Masking masking) {
    /**
     * What a caller may read of it.
     *
     * @param migration the script of the migration that ran, with its folder; a callback's script
     *     can fail in its stead
     */
    Failure in(Optional<String> migration) {
        String file = script.getResource().getFilename();
        FailureCode code = StatementCode.of(script).orElse(FailureCode.SQL_FAILED);
        Optional<ServerWords> words = ServerWords.of(script, masking);
        Optional<Integer> position = words.flatMap(ServerWords::position);
        ScriptPlace place = ScriptPlace.of(script, position, masking);
        return new Failure(
                code,
                code.title(),
                words.map(ServerWords::text).orElseGet(this::silence),
                SqlState.of(script),
                migration
                        .filter(name -> ("/" + name).endsWith("/" + file))
                        .or(() -> Optional.of(file)),
                Optional.of(place.line()),
                place.column(),
                position,
                Optional.of(masking.statement(script.getStatement())),
                words.flatMap(ServerWords::constraint),
                words.flatMap(ServerWords::hint),
                code.action());
    }

    private String silence() {
        Optional<String> setting = StatementCode.settingOfDriver(script);
        if (setting.isPresent()) {
            return "a script may not change %s: the driver needs it as it is; take it out, or set it in a function"
                    .formatted(setting.get());
        }
        return Failures.in(script, PSQLException.class)
                .map(ServerWords::silence)
                .orElseGet(() ->
                        masking.message(
                                        String.valueOf(script.getMessage()),
                                        SqlState.of(script).orElse(""))
                                .strip());
    }
}
