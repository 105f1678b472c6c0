package dbmigrate.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Passwords of every printable character, the same ones each time. */
public final class RandomPasswords {
    private static final String OTHERS = "äéñøßŁžЖλ日本語€🐘";

    private RandomPasswords() {}

    /** So many of 16 to 48 characters, three in four of them ASCII's; the first holds all those. */
    public static List<String> of(int count) {
        List<String> ascii = IntStream.rangeClosed(' ', '~').mapToObj(Character::toString).toList();
        List<String> others = OTHERS.codePoints().mapToObj(Character::toString).toList();
        Random random = new Random(20261126);
        List<String> passwords = new ArrayList<>();
        passwords.add(shuffled(ascii, random));
        while (passwords.size() < count) {
            List<String> characters = new ArrayList<>();
            for (int i = 16 + random.nextInt(33); i > 0; i--) {
                List<String> from = random.nextInt(4) == 0 ? others : ascii;
                characters.add(from.get(random.nextInt(from.size())));
            }
            passwords.add(shuffled(characters, random));
        }
        return passwords;
    }

    private static String shuffled(List<String> characters, Random random) {
        List<String> mixed = new ArrayList<>(characters);
        Collections.shuffle(mixed, random);
        return mixed.stream().collect(Collectors.joining());
    }
}
