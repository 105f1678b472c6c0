package dbmigrate.router;

import dbmigrate.log.Log;
import dbmigrate.process.EndedProcess;
import dbmigrate.process.MigrationProcess;
import dbmigrate.process.Processes;
import dbmigrate.process.Processes.Cancellation;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/** {@code POST /db-migrate/{processId}/cancel}: 202, or 409 where the process has ended. */
record CancelProcess(Processes processes) {
    HttpResponse answer(UUID id, Caller caller, Log log) throws SQLException {
        return switch (processes.cancel(id, caller.identity(), caller.grants())) {
            case Cancellation.Asked(MigrationProcess process, Optional<EndedProcess> ended) -> {
                ended.ifPresent(
                        end -> log.with("processId", id).metrics(end.metrics(processes.stack())));
                yield ShowProcess.response(202, process)
                        .withHeader("location", ProcessJson.path(process));
            }
            case Cancellation.Ended(MigrationProcess process) ->
                    throw new ProblemException(Problem.ended(process.state()));
            case Cancellation.Forbidden(MigrationProcess process) ->
                    throw new ProblemException(Problem.commandNotAllowed(process.command()));
            case Cancellation.Unknown() -> throw new ProblemException(Problem.unknownProcess());
        };
    }
}
