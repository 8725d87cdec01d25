//! Names from many places, with family names that nobody has.

const FIRST: [&str; 36] = [
    "Amara",
    "Bjorn",
    "Chiara",
    "Dmitri",
    "Esperanza",
    "Farid",
    "Greta",
    "Hiro",
    "Ines",
    "Jamal",
    "Kaia",
    "Linh",
    "Mateo",
    "Nadia",
    "Olu",
    "Priya",
    "Quentin",
    "Rosa",
    "Sven",
    "Tala",
    "Umar",
    "Vera",
    "Wanjiru",
    "Ximena",
    "Yusuf",
    "Zofia",
    "Aroha",
    "Bashir",
    "Celeste",
    "Dawit",
    "Eun",
    "Fatou",
    "Giorgos",
    "Hana",
    "Ivo",
    "Jun",
];

const LAST: [&str; 31] = [
    "Amberfall",
    "Brightkettle",
    "Cloudberry",
    "Driftwood",
    "Elderbrook",
    "Fernwhistle",
    "Glasswing",
    "Hollowreed",
    "Inkwell",
    "Jadestone",
    "Kelpforest",
    "Lanternby",
    "Marrowmoss",
    "Nettlecombe",
    "Oakensong",
    "Pebblewick",
    "Quillmark",
    "Rainshadow",
    "Saltmarsh",
    "Thistledown",
    "Umberfield",
    "Velvetpine",
    "Willowisp",
    "Yarrowgate",
    "Zephyrhill",
    "Applecross",
    "Birchwater",
    "Copperleaf",
    "Dapplewood",
    "Emberlow",
    "Foxglove",
];

/// First name, last name and the unique part of the address of person `number`.
pub(super) fn of(number: usize) -> (String, String, String) {
    // 36 and 31 have no common divisor, so the first 1,116 pairs are different ones.
    let first = FIRST.get(number % FIRST.len()).copied().unwrap_or_default();
    let last = LAST.get((number * 7 + 3) % LAST.len()).copied().unwrap_or_default();
    let mut nick = format!("{first}.{last}").to_lowercase();
    let round = number / (FIRST.len() * LAST.len());
    if round > 0 {
        nick = format!("{nick}{}", round + 1);
    }
    (first.to_owned(), last.to_owned(), nick)
}
