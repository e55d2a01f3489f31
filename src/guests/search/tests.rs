use super::*;
use proptest::prelude::*;
use std::sync::LazyLock;

const ALL: Scope = Scope { email: true, phone: true, membership: true };
const NAMES: Scope = Scope { email: false, phone: false, membership: false };

fn guest(first: &str, last: &str) -> SearchDoc {
    SearchDoc {
        guest: GuestId::new(),
        names: vec![first.to_owned(), last.to_owned()],
        emails: Vec::new(),
        phones: Vec::new(),
        membership: None,
        former: Vec::new(),
    }
}

fn tome() -> SearchDoc {
    SearchDoc {
        emails: vec!["tome.abreu@post.example".to_owned()],
        phones: vec!["+351927313387".to_owned()],
        membership: Some("7714070286".to_owned()),
        ..guest("Tomé", "Abreu")
    }
}

fn index_of(docs: &[SearchDoc]) -> SearchIndex {
    let index = SearchIndex::new().expect("starts");
    index.upsert(docs.to_vec()).expect("taken in");
    index.commit().expect("committed");
    index
}

fn find(index: &SearchIndex, query: &str, scope: Scope) -> Vec<GuestId> {
    index.find(query, scope, &HashSet::new(), 20).expect("searched")
}

#[track_caller]
fn assert_finds(index: &SearchIndex, wanted: &SearchDoc, queries: &[&str]) {
    for query in queries {
        assert_eq!(find(index, query, ALL), [wanted.guest], "{query:?}");
    }
}

#[track_caller]
fn assert_finds_nobody(index: &SearchIndex, scope: Scope, queries: &[&str]) {
    for query in queries {
        assert!(find(index, query, scope).is_empty(), "{query:?}");
    }
}

#[test]
fn names_in_any_order_and_part_without_accents() {
    let tome = tome();
    let index = index_of(&[tome.clone(), guest("Lourenço", "Simões"), guest("Denis", "Morais")]);
    assert_finds(&index, &tome, &["tome", "Tomé", "TOMÉ ABREU", "abreu tome", "abr to", "  abreu,  tomé. ", "t a"]);
    assert_finds(&index, &tome, &["tomeabreu", "AbreuTomé"]);
    assert_finds(&index, &tome, &["breu", "ome abr"]);
    assert_finds_nobody(&index, ALL, &["tome morais", "tomes", "breux", "om", "x"]);
}

#[test]
fn compound_names_and_umlauts_in_every_spelling() {
    let jurgen = guest("Jürgen", "Müller");
    let pierre = guest("Jean-Pierre", "O'Brien");
    let index = index_of(&[jurgen.clone(), pierre.clone(), guest("Jean", "Martin"), guest("Pierre", "Roux")]);
    assert_finds(&index, &jurgen, &["müller", "muller", "mueller", "juergen muell", "JURGEN"]);
    assert_finds(
        &index,
        &pierre,
        &["jean-pierre", "Jean Pierre", "jeanpierre", "Pierre-Jean", "O’Brien", "obrien", "brien"],
    );

    let mueller = guest("Anna", "Mueller");
    assert_finds(&index_of(std::slice::from_ref(&mueller)), &mueller, &["Müller", "mueller"]);
}

#[test]
fn native_names_by_character_and_by_reading() {
    let mut zhang = guest("Wei", "Zhang");
    zhang.names.push("张伟".to_owned());
    let mut min = guest("Min", "Zhang");
    min.names.push("张敏".to_owned());
    let index = index_of(&[zhang.clone(), min.clone()]);
    assert_finds(
        &index,
        &zhang,
        &["张伟", "伟", "伟张", "zhang wei", "Wei Zhang", "zhangwei", "weizhang", "zhangw", "张 wei"],
    );
    assert_finds(&index, &min, &["敏", "张敏", "zhangmin"]);
    assert_finds_nobody(&index, ALL, &["王", "张伟敏", "王伟"]);
    assert_eq!(find(&index, "张", ALL).len(), 2);
}

#[test]
fn a_native_query_finds_who_is_written_in_latin_letters_only_after_its_own() {
    let latin = guest("Wei", "Zhang");
    let mut native = guest("Wei", "Zhang");
    native.names.push("张伟".to_owned());
    let index = index_of(&[latin.clone(), native.clone()]);
    assert_eq!(find(&index, "张伟", ALL), [native.guest, latin.guest]);
}

#[test]
fn telephone_numbers_in_every_format() {
    let tome = tome();
    let other = SearchDoc { phones: vec!["+4989123456".to_owned()], ..guest("Eva", "Braun") };
    let index = index_of(&[tome.clone(), other.clone()]);
    assert_finds(
        &index,
        &tome,
        &[
            "+351 927 313 387",
            "00351927313387",
            "351-927-313-387",
            "(+351) 927.313.387",
            "927 313 387",
            "0927 313 387",
            "0927313",
            "927",
            "387",
            "3387",
            "7313",
            "tomé 0927",
            "927 abreu",
            "９２７３１３３８７",
        ],
    );
    assert_finds(&index, &other, &["089 123456", "+49 (0)89 12 34 56", "0049 89 123456", "89/123-456"]);
    assert_finds_nobody(&index, ALL, &["928 313 387", "+351 927 313 3870", "eva 0927", "92"]);
}

#[test]
fn a_number_that_ends_as_typed_comes_before_one_that_goes_on() {
    let goes_on = SearchDoc { phones: vec!["+351338700001".to_owned()], ..guest("Ana", "Dias") };
    let ends = tome();
    let index = index_of(&[goes_on.clone(), ends.clone()]);
    assert_eq!(find(&index, "3387", ALL), [ends.guest, goes_on.guest]);
}

#[test]
fn addresses_by_their_beginning_or_domain() {
    let tome = tome();
    let index =
        index_of(&[tome.clone(), SearchDoc { emails: vec!["ana@example.com".to_owned()], ..guest("Ana", "Dias") }]);
    assert_finds(
        &index,
        &tome,
        &["tome.abreu@post.example", "TOME.ABREU@P", "tome.abreu@", "@post", "<tome.abreu@post.example>"],
    );
    assert_finds_nobody(&index, ALL, &["abreu@post.example", "@example.org", "tome@post.example", "post.example"]);
}

#[test]
fn membership_numbers_by_their_beginning() {
    let tome = tome();
    let gold = SearchDoc { membership: Some("GH-1234 B".to_owned()), ..guest("Ana", "Dias") };
    let index = index_of(&[tome.clone(), gold.clone()]);
    assert_finds(&index, &tome, &["7714070286", "771", "771407 abreu"]);
    assert_finds(&index, &gold, &["GH-1234", "gh1234b", "gh-1"]);
    assert_finds_nobody(&index, ALL, &["4070286", "gh-2"]);
}

#[test]
fn nobody_finds_by_what_the_role_may_not_see() {
    let index = index_of(&[tome()]);
    let contact =
        ["927313387", "+351 927", "tome.abreu@post.example", "@post", "7714070286", "tomé 927", "abreu @post"];
    assert_finds_nobody(&index, NAMES, &contact);
    for role in [Role::Floor, Role::Host, Role::Marketing, Role::Admin] {
        assert_eq!(Scope::for_role(role), NAMES, "{role:?}");
    }
    for role in [Role::Reception, Role::Manager] {
        assert_eq!(Scope::for_role(role), ALL, "{role:?}");
    }
    let concierge = Scope::for_role(Role::Concierge);
    assert_eq!(find(&index, "927313387", concierge).len(), 1);
    assert_finds_nobody(&index, concierge, &["tome.abreu@post.example", "@post"]);
}

#[test]
fn whole_words_come_before_beginnings_and_the_inside_of_names_last() {
    let anabel = guest("Anabel", "Costa");
    let ana = guest("Ana", "Dias");
    let mariana = guest("Mariana", "Reis");
    let index = index_of(&[mariana.clone(), anabel.clone(), ana.clone()]);
    assert_eq!(find(&index, "ana", ALL), [ana.guest, anabel.guest]);
    assert_finds(&index, &mariana, &["riana"]);

    // The word by which nobody's name begins is looked for inside of names, and then all are.
    assert_eq!(find(&index, "ana rian", ALL), [mariana.guest]);
}

#[test]
fn those_who_are_here_come_first() {
    let exact = guest("Ana", "Dias");
    let beginning = guest("Anabel", "Costa");
    let other = guest("Denis", "Morais");
    let index = index_of(&[exact.clone(), beginning.clone(), other.clone()]);
    let first = HashSet::from([beginning.guest, other.guest, GuestId::new()]);
    let found = |limit| index.find("ana", ALL, &first, limit).expect("searched");
    assert_eq!(found(20), [beginning.guest, exact.guest]);
    assert_eq!(found(1), [beginning.guest]);
    assert_eq!(found(usize::MAX), [beginning.guest, exact.guest]);
    assert!(found(0).is_empty());
}

#[test]
fn changes_count_from_the_commit_on() {
    let mut doc = guest("Ana", "Dias");
    let index = SearchIndex::new().expect("starts");
    index.upsert(vec![doc.clone()]).expect("taken in");
    assert!(index.is_empty() && find(&index, "ana", ALL).is_empty());
    index.commit().expect("committed");
    assert_eq!((index.len(), find(&index, "ana", ALL).len()), (1, 1));

    doc.names = vec!["Anna".to_owned(), "Reis".to_owned()];
    index.upsert(vec![doc.clone(), doc.clone()]).expect("taken in");
    index.commit().expect("committed");
    assert_eq!(index.len(), 1, "the new in place of the old, and once");
    assert_finds_nobody(&index, ALL, &["dias"]);
    assert_finds(&index.clone(), &doc, &["reis", "anna"]);

    index.remove(&[doc.guest, GuestId::new()]).expect("forgotten");
    index.commit().expect("committed");
    assert!(index.is_empty() && find(&index, "reis", ALL).is_empty());
}

#[test]
fn merged_profiles_are_found_by_what_they_were() {
    let former = Vec::from(["Thomé d'Abreu", "tabreu@old.example", "+4989123456", "GH-77"].map(str::to_owned));
    let tome = SearchDoc { former, ..tome() };
    let index = index_of(std::slice::from_ref(&tome));
    assert_finds(&index, &tome, &["thome", "dabreu", "tabreu@old", "089 123 456", "gh-77", "thomé 927"]);
    assert_finds_nobody(&index, NAMES, &["tabreu@old", "089 123 456", "gh-77"]);
    assert_eq!(find(&index, "thomé", NAMES), [tome.guest]);
}

#[test]
fn many_segments_are_one_index() {
    let index = SearchIndex::new().expect("starts");
    let docs: Vec<SearchDoc> = (0..30).map(|_| guest("Ana", "Dias")).collect();
    for doc in &docs {
        index.upsert(vec![doc.clone()]).expect("taken in");
        index.commit().expect("committed");
    }
    assert_eq!(index.len(), 30);
    let found = index.find("dias", NAMES, &HashSet::new(), 100).expect("searched");
    let found: HashSet<GuestId> = found.into_iter().collect();
    assert_eq!(found, docs.iter().map(|doc| doc.guest).collect::<std::collections::HashSet<_>>());
}

#[test]
fn it_may_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<SearchIndex>();
}

static SMALL: LazyLock<SearchIndex> = LazyLock::new(|| {
    let mut zhang = guest("Wei", "Zhang");
    zhang.names.push("张伟".to_owned());
    index_of(&[tome(), zhang, guest("Jean-Pierre", "O'Brien")])
});

proptest! {
    #[test]
    fn no_query_fails(query in any::<String>(), email: bool, phone: bool, membership: bool) {
        let found = SMALL.find(&query, Scope { email, phone, membership }, &HashSet::new(), 20);
        prop_assert!(found.is_ok_and(|found| found.len() <= 3));
    }

    #[test]
    fn no_query_of_what_people_type_fails(query in r"([a-zA-Zé张伟ß0-9+@.*?()\[\]{}|\\^$'#&~/ -]{0,12} ?){0,12}") {
        prop_assert!(find(&SMALL, &query, ALL).len() <= 3);
    }

    #[test]
    fn names_never_need_more_than_names(query in "[0-9+() ./@-]{1,20}") {
        prop_assert!(find(&SMALL, &query, NAMES).is_empty());
    }

    #[test]
    fn every_beginning_of_a_name_finds_it(cut in 1..=5_usize, upper: bool) {
        let typed: String = "abreu".chars().take(cut).collect();
        let typed = if upper { typed.to_uppercase() } else { typed };
        prop_assert_eq!(find(&SMALL, &format!("{typed} tom"), ALL).len(), 1);
    }
}
