package dbmigrate.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads a template as maps and lists, with the short forms of intrinsic functions written out: !Ref
 * is {Ref: …}.
 */
final class CloudFormationYaml extends SafeConstructor {
    private CloudFormationYaml() {
        super(new LoaderOptions());
        yamlMultiConstructors.put("!", new ShortForm());
    }

    static Map<String, Object> read(Path file) {
        try (var reader = Files.newBufferedReader(file)) {
            return new Yaml(new CloudFormationYaml()).load(reader);
        } catch (IOException e) {
            throw new LocalException("The template %s cannot be read.".formatted(file), e);
        }
    }

    private final class ShortForm extends AbstractConstruct {
        @Override
        public Object construct(Node node) {
            String name = node.getTag().getValue().substring(1);
            Object argument =
                    switch (node) {
                        case ScalarNode scalar -> constructScalar(scalar);
                        case SequenceNode sequence -> constructSequence(sequence);
                        case MappingNode mapping -> constructMapping(mapping);
                        default ->
                                throw new LocalException("template.yaml: " + node.getStartMark());
                    };
            boolean bare = name.equals("Ref") || name.equals("Condition");
            return Map.of(bare ? name : "Fn::" + name, argument);
        }
    }
}
