package dbmigrate.parser;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import dbmigrate.json.Json;
import dbmigrate.json.JsonObject;
import dbmigrate.json.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * PostgreSQL's own parser, as the npm package libpg-query carries it ({@code source.txt} beside the
 * module says which version): the tree of a statement, in the form of libpg_query's JSON.
 *
 * <p>To load it costs half a second and some 65 MB, and a statement 5 to 20 ms, since its grammar
 * is one function that no JVM would compile. So it is loaded when the first statement is to be
 * read, what need not be read is kept from it, and nothing keeps it when it is no longer in use. It
 * is for one thread at a time.
 */
public final class PostgresParser {
    private static final String MODULE = "libpg-query.wasm";

    /** The stack and the constants end at 34.5 MB; the heap grows from there. */
    private static final MemoryLimits MEMORY = new MemoryLimits(544, 16_384);

    /** Where a result keeps its text and its failure, and a failure its place: 32-bit addresses. */
    private static final int TREE = 0;

    private static final int FAILURE = 8;
    private static final int POSITION = 16;

    private final Instance instance;
    private final Memory memory;
    private final ExportFunction allocate;
    private final ExportFunction free;
    private final ExportFunction parse;
    private final ExportFunction freeResult;

    private PostgresParser(Instance instance) {
        this.instance = instance;
        this.memory = instance.memory();
        this.allocate = instance.export(Emscripten.MALLOC);
        this.free = instance.export(Emscripten.FREE);
        this.parse = instance.export(Emscripten.PARSE);
        this.freeResult = instance.export(Emscripten.FREE_RESULT);
    }

    /** Loads the parser. */
    public static PostgresParser load() {
        try (InputStream file = PostgresParser.class.getResourceAsStream(MODULE)) {
            if (file == null) {
                throw new IllegalStateException("the package lacks " + MODULE);
            }
            // What is in the package was looked at when it was put there.
            WasmModule module = Parser.builder().withValidation(false).build().parse(() -> file);
            Instance instance =
                    Instance.builder(module)
                            .withImportValues(Emscripten.imports(module))
                            .withMemoryLimits(MEMORY)
                            .withStart(false)
                            .build();
            instance.export(Emscripten.INITIALIZE).apply();
            return new PostgresParser(instance);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a text.
     *
     * @return each of its statements, an object with one member that is named for its kind
     * @throws UnreadableSqlException where it is no SQL of this version of PostgreSQL; where the
     *     parser came to no end with it this object can read nothing more
     */
    public List<JsonObject> statements(String sql) throws UnreadableSqlException {
        try {
            return JsonObject.of(Json.read(tree(sql))).objects("stmts").stream()
                    .map(statement -> statement.object("stmt"))
                    .toList();
        } catch (MalformedJsonException | RuntimeException | StackOverflowError e) {
            throw new UnreadableSqlException(e);
        }
    }

    private String tree(String sql) throws UnreadableSqlException {
        byte[] utf8 = sql.replace('\0', ' ').getBytes(StandardCharsets.UTF_8);
        int text = (int) allocate.apply(utf8.length + 1L)[0];
        memory.write(text, utf8);
        memory.writeByte(text + utf8.length, (byte) 0);
        int result = (int) parse.apply(text)[0];
        try {
            int failure = memory.readInt(result + FAILURE);
            if (failure != 0) {
                throw new UnreadableSqlException(memory.readInt(failure + POSITION));
            }
            return memory.readCString(memory.readInt(result + TREE), StandardCharsets.UTF_8);
        } finally {
            freeResult.apply(result);
            free.apply(text);
        }
    }

    /** How many bytes the parser's own memory has. */
    long memoryBytes() {
        return (long) instance.memory().pages() * Memory.PAGE_SIZE;
    }
}
