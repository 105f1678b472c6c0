package dbmigrate.log;

import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Where SLF4J takes the lines of libraries, the AWS SDK and Flyway: into {@link Log}, so that
 * whoever reads the log of a function finds nothing but JSON, each line with its request. SLF4J
 * finds this class by {@code META-INF/services} and makes it.
 */
public final class LibraryLogs implements SLF4JServiceProvider {
    /** The newest version of SLF4J that this is written for, in the form that SLF4J asks for. */
    private static final String VERSION = "2.0.99";

    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
        return LibraryLogger::new;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return VERSION;
    }

    @Override
    public void initialize() {}
}
