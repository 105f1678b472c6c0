package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The worker JVMs of a system, and what each of them is at: its sessions on the server tell. */
record FaultWorkers(LocalSystem system, FaultPostgres postgres) {
    /** Younger than this and without a session it is still loading. */
    private static final Duration COLD = Duration.ofSeconds(3);

    /** What a worker is at. */
    enum Moment {
        /** It has not made its first call. */
        COLD,
        /** It has a session with the process rows only. */
        CLAIMING,
        /** It has a session with the database that it migrates. */
        MIGRATING,
        /** It waits for a message. */
        IDLE
    }

    /**
     * A worker.
     *
     * @param database that it migrates
     */
    record Worker(ProcessHandle process, Moment moment, Optional<String> database) {
        /** Whether it migrates this database. */
        boolean isAt(String name) {
            return database.filter(name::equals).isPresent();
        }

        /** SIGKILL. */
        void kill() {
            process.destroyForcibly();
        }

        /** SIGSTOP. */
        void freeze() throws IOException, InterruptedException {
            signal("STOP");
        }

        /** SIGCONT. */
        void thaw() throws IOException, InterruptedException {
            signal("CONT");
        }

        private void signal(String name) throws IOException, InterruptedException {
            int status =
                    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                            .inheritIO()
                            .start()
                            .waitFor();
            if (status != 0) {
                throw new IOException("the worker %d is gone".formatted(process.pid()));
            }
        }
    }

    /** Those that live. */
    List<Worker> all() throws IOException {
        var sessions = sessions();
        var workers = new ArrayList<Worker>();
        for (long pid : system.pids("WorkerFunction")) {
            var process = ProcessHandle.of(pid);
            if (process.isPresent()) {
                workers.add(worker(process.get(), sessions));
            }
        }
        return workers;
    }

    /**
     * Those that a fault would hit at work.
     *
     * @param coldToo also those that have not made their first call
     */
    List<Worker> busy(boolean coldToo) throws IOException {
        return all().stream()
                .filter(worker ->
                        switch (worker.moment()) {
                            case CLAIMING, MIGRATING -> true;
                            case COLD -> coldToo;
                            case IDLE -> false;
                        })
                .toList();
    }

    /** The one that migrates this database. */
    Optional<Worker> of(String database) throws IOException {
        return all().stream().filter(worker -> worker.isAt(database)).findFirst();
    }

    private static Worker worker(ProcessHandle process, Map<Integer, String> sessions)
            throws IOException {
        var databases = new HashSet<String>();
        for (int port : ports(process.pid())) {
            Optional.ofNullable(sessions.get(port)).ifPresent(databases::add);
        }
        boolean isCold =
                process.info()
                        .startInstant()
                        .filter(start -> start.plus(COLD).isAfter(Instant.now()))
                        .isPresent();
        if (databases.isEmpty()) {
            return new Worker(process, isCold ? Moment.COLD : Moment.IDLE, Optional.empty());
        }
        var target = databases.stream().filter(name -> !name.equals("postgres")).findFirst();
        return new Worker(process, target.isPresent() ? Moment.MIGRATING : Moment.CLAIMING, target);
    }

    private Map<Integer, String> sessions() {
        var sessions = new HashMap<Integer, String>();
        String sql = "select client_port, datname from pg_stat_activity where client_port > 0";
        for (String row : postgres.query("postgres", sql)) {
            String[] columns = row.split("\\|");
            sessions.put(Integer.valueOf(columns[0]), columns[1]);
        }
        return sessions;
    }

    /** The local ports of a process's TCP connections, as Linux's /proc shows them. */
    private static Set<Integer> ports(long pid) throws IOException {
        Path proc = Path.of("/proc", Long.toString(pid));
        var sockets = new HashSet<String>();
        var ports = new HashSet<Integer>();
        try (var files = Files.newDirectoryStream(proc.resolve("fd"))) {
            for (Path file : files) {
                String target = Files.readSymbolicLink(file).toString();
                if (target.startsWith("socket:[")) {
                    sockets.add(target.substring(8, target.length() - 1));
                }
            }
            for (String table : List.of("net/tcp", "net/tcp6")) {
                Files.readAllLines(proc.resolve(table)).stream()
                        .skip(1)
                        .map(line -> line.strip().split("\\s+"))
                        .filter(columns -> sockets.contains(columns[9]))
                        .map(columns -> columns[1].substring(columns[1].indexOf(':') + 1))
                        .forEach(port -> ports.add(Integer.parseInt(port, 16)));
            }
            return ports;
        } catch (IOException
                | java.io.UncheckedIOException
                | java.nio.file.DirectoryIteratorException e) {
            // It ended meanwhile.
            return Set.of();
        }
    }
}
