package dbmigrate.parser;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import java.util.Arrays;

/**
 * What Emscripten's JavaScript does for the module, as far as a parser needs it.
 *
 * <p>PostgreSQL reports an error by longjmp. Emscripten compiles that to a call of JavaScript that
 * throws, and each call behind which a setjmp waits to one through JavaScript that catches ({@code
 * invoke_…}): it puts the stack back and says so by setThrew.
 *
 * <p>The names are those that Emscripten gave this one build of the module; libpg-query.js beside
 * it in the npm package says what they stand for.
 */
final class Emscripten {
    static final String INITIALIZE = "A";
    static final String MALLOC = "C";
    static final String FREE = "E";
    static final String PARSE = "F";
    static final String FREE_RESULT = "G";

    private static final String SET_THREW = "P";
    private static final String STACK_RESTORE = "Q";
    private static final String STACK_CURRENT = "R";

    private static final String INVOKE = "abdefghijklny";
    private static final String THROW_LONGJMP = "p";
    private static final String RESIZE_HEAP = "q";
    private static final String KEEPALIVE_CLEAR = "w";

    private static final long[] NOTHING = {};

    private Emscripten() {}

    /**
     * Not one of Chicory's exceptions: each level of the interpreter would note its place in it.
     */
    private static final class LongJump extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LongJump() {
            super(null, null, false, false);
        }
    }

    /** Everything that the module imports. */
    static ImportValues imports(WasmModule module) {
        ImportValues.Builder imports = ImportValues.builder();
        for (int i = 0; i < module.importSection().importCount(); i++) {
            if (module.importSection().getImport(i) instanceof FunctionImport function) {
                FunctionType type = module.typeSection().getType(function.typeIndex());
                imports.addFunction(
                        new HostFunction(
                                function.module(),
                                function.name(),
                                type,
                                (instance, arguments) ->
                                        called(function.name(), type, instance, arguments)));
            }
        }
        return imports.build();
    }

    private static long[] called(
            String name, FunctionType type, Instance instance, long[] arguments) {
        if (INVOKE.contains(name)) {
            return invoked(type, instance, arguments);
        }
        return switch (name) {
            case THROW_LONGJMP -> throw new LongJump();
            case RESIZE_HEAP -> new long[] {resized(instance.memory(), arguments[0])};
            case KEEPALIVE_CLEAR -> NOTHING;
            // Files, timers and exits: a parser that asks for them is at its end.
            default -> throw new UnsupportedOperationException("the parser calls " + name);
        };
    }

    private static long[] invoked(FunctionType type, Instance instance, long[] arguments) {
        long stack = instance.export(STACK_CURRENT).apply()[0];
        try {
            int function = instance.table(0).requiredRef((int) arguments[0]);
            return instance.getMachine()
                    .call(function, Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (LongJump e) {
            instance.export(STACK_RESTORE).apply(stack);
            instance.export(SET_THREW).apply(1, 0);
            return new long[type.returns().size()];
        }
    }

    private static int resized(Memory memory, long wanted) {
        long bytes = wanted & 0xffff_ffffL;
        int more = (int) ((bytes + Memory.PAGE_SIZE - 1) / Memory.PAGE_SIZE) - memory.pages();
        return more <= 0 || memory.grow(more) >= 0 ? 1 : 0;
    }
}
