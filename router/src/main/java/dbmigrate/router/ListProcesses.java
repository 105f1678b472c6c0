package dbmigrate.router;

import dbmigrate.json.Json;
import dbmigrate.process.ProcessList;
import java.sql.SQLException;

/** {@code GET /db-migrate}: the processes of this stack, the newest first. */
record ListProcesses(ProcessList list) {
    HttpResponse answer(HttpRequest request) throws SQLException {
        ProcessList.Page page =
                list.page(ListQuery.read(request.query()), request.caller().grants());
        return HttpResponse.json(
                200,
                json -> {
                    json.writeStartObject();
                    json.writeArrayFieldStart("processes");
                    for (ProcessList.Listed listed : page.processes()) {
                        ProcessJson.summary(listed).to(json);
                    }
                    json.writeEndArray();
                    Json.member(json, "nextCursor", page.next().map(Cursor::text).orElse(null));
                    json.writeEndObject();
                });
    }
}
