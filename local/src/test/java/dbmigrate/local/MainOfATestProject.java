package dbmigrate.local;

import java.nio.file.Path;
import java.util.Arrays;

/** Main for another project's folder, which is the first argument. */
final class MainOfATestProject {
    private MainOfATestProject() {}

    public static void main(String[] args) throws InterruptedException {
        Main.run(Path.of(args[0]), Arrays.copyOfRange(args, 1, args.length));
    }
}
