package dbmigrate.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement with the values of its parameters, which may be sent as a part of a longer
 * one.
 */
record PreparedCall(String sql, List<Parameter> parameters) {
    /** One call of a {@code PreparedStatement}'s {@code set…(index, …)}. */
    record Parameter(Method setter, List<@Nullable Object> arguments) {
        static boolean isSetBy(Method method) {
            Class<?>[] types = method.getParameterTypes();
            return method.getName().startsWith("set") && types.length >= 2 && types[0] == int.class;
        }

        static Parameter of(Method setter, @Nullable Object[] arguments) {
            return new Parameter(setter, Arrays.asList(arguments.clone()));
        }

        int index() {
            return (Integer) java.util.Objects.requireNonNull(arguments.getFirst());
        }
    }

    static PreparedCall of(String sql) {
        return new PreparedCall(sql, List.of());
    }

    PreparedCall {
        parameters = List.copyOf(parameters);
    }

    /** The value of the first parameter. */
    Optional<Parameter> first() {
        return parameters.stream().filter(one -> one.index() == 1).findFirst();
    }

    /** The same with one parameter set, or set anew. */
    PreparedCall with(Parameter parameter) {
        List<Parameter> all = new ArrayList<>(parameters);
        all.removeIf(one -> one.index() == parameter.index());
        all.add(parameter);
        return new PreparedCall(sql, all);
    }

    /**
     * Binds the values.
     *
     * @param before how many parameters the statement has before these
     * @return how many it has with them
     */
    int bind(PreparedStatement statement, int before) throws SQLException {
        for (Parameter parameter : parameters) {
            @Nullable Object[] arguments = parameter.arguments().toArray();
            arguments[0] = before + parameter.index();
            try {
                parameter.setter().invoke(statement, arguments);
            } catch (InvocationTargetException e) {
                if (e.getTargetException() instanceof SQLException refused) {
                    throw refused;
                }
                throw new IllegalStateException(e.getTargetException());
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(e);
            }
        }
        return before + parameters.size();
    }
}
