package dbmigrate.database;

import java.util.ArrayList;
import java.util.List;

/** libpq's two lists, of hosts and of ports, each separated by commas. */
final class HostList {
    private static final String DEFAULT_HOST = "localhost";
    private static final int DEFAULT_PORT = 5432;

    private HostList() {}

    /** Each host with its own port, or all with the only one; an empty entry is libpq's default. */
    static List<Host> of(String names, String ports) {
        String[] eachName = names.split(",", -1);
        String[] eachPort = ports.split(",", -1);
        if (eachPort.length != 1 && eachPort.length != eachName.length) {
            throw new InvalidDatabaseUrlException(
                    "the port", "is not given once, nor once for each of the hosts");
        }
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < eachName.length; i++) {
            String name = eachName[i];
            boolean bracketed = name.startsWith("[") && name.endsWith("]");
            name = bracketed ? name.substring(1, name.length() - 1) : name;
            if (bracketed && name.indexOf(':') < 0) {
                throw new InvalidDatabaseUrlException(
                        "the host", "in brackets is not an IPv6 address");
            }
            hosts.add(
                    new Host(
                            name.isEmpty() ? DEFAULT_HOST : name,
                            port(eachPort[eachPort.length == 1 ? 0 : i].strip())));
        }
        return hosts;
    }

    private static int port(String text) {
        if (text.isEmpty()) {
            return DEFAULT_PORT;
        }
        if (!text.matches("[0-9]{1,9}")) {
            throw new InvalidDatabaseUrlException(
                    "the port", "is not a number; " + InvalidDatabaseUrlException.PERCENT_ENCODE);
        }
        return Integer.parseInt(text);
    }
}
