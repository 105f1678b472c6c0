package dbmigrate.json;

import com.fasterxml.jackson.core.JsonProcessingException;

/** A text is no JSON document. The message names the place and never quotes the text. */
public final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String what) {
        super(what);
    }

    MalformedJsonException(JsonProcessingException cause) {
        super(
                cause.getLocation() == null
                        ? "the text is no JSON"
                        : "the text is no JSON from line %d, column %d on"
                                .formatted(
                                        cause.getLocation().getLineNr(),
                                        cause.getLocation().getColumnNr()));
    }
}
