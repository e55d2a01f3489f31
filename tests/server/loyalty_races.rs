//! Whatever colleagues do with one guest's points at once, on two servers and in whatever order: no balance is ever
//! negative, nothing is paid twice, and the balance is the sum of the ledger and the sum of the lots.

use crate::{
    harness::{Device, House, monday},
    loyalty::{Fields, not_enough, rules, with},
};
use chrono::{DateTime, Days, TimeDelta, Utc};
use futures::future::join_all;
use proptest::{
    collection,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use rapport::{
    error::AppError,
    house::{House as HouseFacts, store as houses},
    ids::{GuestId, OnceId},
    loyalty::{
        api::SaveLoyalty,
        store::{self, Given, NewVoucher},
        voucher::VoucherCode,
    },
    server::db::{Db, id_of, record, vars},
    staff::{
        guard::{self, Grants, Permit, RedeemPoints, SetLoyalty},
        session::StoredSessions,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use surrealdb::types::{RecordId, SurrealValue};

/// Ids under which forms are sent: few, so that some are sent twice.
const FORMS: usize = 8;
/// A programme of one month: what is given early expires within a case.
const MONTHS: u16 = 1;

/// What somebody does, on one of the two servers.
#[derive(Debug, Clone)]
enum Deed {
    Give {
        form: usize,
        points: i64,
    },
    Redeem {
        form: usize,
        points: i64,
    },
    /// Takes back the entry with a number, if there is one.
    Reverse {
        number: i64,
    },
    /// Buys a voucher.
    Issue {
        form: usize,
        points: i64,
    },
    /// Uses, or withdraws, the voucher of a form.
    UseVoucher {
        form: usize,
    },
    Withdraw {
        form: usize,
    },
    /// The job that takes what has expired out of the accounts.
    Expire,
}

/// What happens at once, and how many days after what was before.
#[derive(Debug, Clone)]
struct Step {
    days: u64,
    at_once: Vec<(bool, Deed)>,
}

fn deed() -> impl Strategy<Value = Deed> {
    let form = 0..FORMS;
    prop_oneof![
        3 => (form.clone(), 1_i64..60).prop_map(|(form, points)| Deed::Give { form, points }),
        5 => (form.clone(), 1_i64..60).prop_map(|(form, points)| Deed::Redeem { form, points }),
        3 => (1_i64..12).prop_map(|number| Deed::Reverse { number }),
        2 => (form.clone(), 1_i64..60).prop_map(|(form, points)| Deed::Issue { form, points }),
        1 => form.clone().prop_map(|form| Deed::UseVoucher { form }),
        1 => form.prop_map(|form| Deed::Withdraw { form }),
        2 => Just(Deed::Expire),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let days = prop_oneof![4 => Just(0_u64), 1 => 1_u64..20, 1 => 30_u64..40];
    (days, collection::vec((any::<bool>(), deed()), 1..5)).prop_map(|(days, at_once)| Step { days, at_once })
}

/// An entry of the ledger, as the store has it.
#[derive(Debug, Clone, SurrealValue)]
struct Entry {
    id: RecordId,
    kind: String,
    amount: i64,
    balance: i64,
    number: i64,
    origin: Option<RecordId>,
}

#[derive(Debug, SurrealValue)]
struct Account {
    balance: i64,
    entries: i64,
}

/// One guest's account, and those who are at it.
struct Till {
    db: [Db; 2],
    house: HouseFacts,
    guest: GuestId,
    desk: Permit<RedeemPoints>,
    manager: Permit<SetLoyalty>,
}

async fn permit<A: Grants>(house: &House, device: &Device) -> Permit<A> {
    let id = device.cookies["rapport"].parse().expect("a session");
    let session = tower_sessions::Session::new(Some(id), Arc::new(StoredSessions::new(house.db.clone())), None);
    guard::permit(&house.state, &session).await.expect("a permit")
}

impl Till {
    /// A guest nobody else looks at: each case has one of its own.
    async fn open(house: &House, number: &str) -> Self {
        let desk = house.device("reception", "desk").await;
        let manager = house.device("manager", "desk").await;
        let row = crate::harness::BOOKINGS.lines().nth(6).expect("a booking");
        let row = row.replace("1006,", &format!("T{number},")).replace("M0005", &format!("T{number}"));
        let row = row.replace("Siobhán", &format!("Guest{number}")).replace("oneill@", &format!("guest{number}@"));
        let row = row.replace("555 0144", &format!("5{number:0>6}")).replace("1990-09-17", "");
        house.import(&format!("{}\n{row}\n", crate::harness::HEADER)).await;
        Self {
            db: [house.db.clone(), house.db.sibling()],
            house: houses::house(&house.db, house.id).await.expect("an answer").expect("the house"),
            guest: house.guest(&format!("T{number}")).await,
            desk: permit(house, &desk).await,
            manager: permit(house, &manager).await,
        }
    }

    async fn ledger(&self) -> Vec<Entry> {
        let found = "SELECT * FROM points WHERE guest = $guest ORDER BY number";
        self.db[0].rows(found, vars().with("guest", record("guest", self.guest))).await.expect("a ledger")
    }

    /// Carries out a deed. What is refused is refused for a reason that a person understands.
    async fn carry_out(&self, forms: &[OnceId], other: bool, deed: &Deed, now: DateTime<Utc>) -> Result<(), AppError> {
        let db = &self.db[usize::from(other)];
        match *deed {
            Deed::Give { form, points } => {
                let given = Given::ByHand(points, "because".to_owned());
                store::give(db, &self.desk, forms[form], self.guest, &given, now).await
            }
            Deed::Redeem { form, points } => {
                store::redeem(db, &self.desk, forms[form], self.guest, points, "a wish", now).await
            }
            Deed::Reverse { number } => {
                let entry = self.ledger().await.into_iter().find(|entry| entry.number == number);
                let key: Option<String> = entry.map(|entry| id_of(&entry.id).expect("a key"));
                match key {
                    Some(key) => store::reverse(db, &self.manager, &key, now).await.map(drop),
                    None => Ok(()),
                }
            }
            Deed::Issue { form, points } => {
                let expires = now.date_naive().checked_add_days(Days::new(20)).expect("a day");
                let new = NewVoucher {
                    once: forms[form],
                    guest: self.guest,
                    what: "Dinner".to_owned(),
                    amount: None,
                    expires,
                    points: Some(points),
                };
                store::issue(db, &self.desk, &new, now).await.map(drop)
            }
            Deed::UseVoucher { form } => match self.voucher(forms[form]).await {
                Some(code) => store::redeem_voucher(db, &self.desk, self.guest, &code, now).await,
                None => Ok(()),
            },
            Deed::Withdraw { form } => match self.voucher(forms[form]).await {
                Some(code) => store::withdraw(db, &self.manager, &code, now).await.map(drop),
                None => Ok(()),
            },
            Deed::Expire => {
                store::expire(db, &self.house, now).await.expect("expired");
                store::expire_vouchers(db, &self.house, now).await.expect("expired");
                Ok(())
            }
        }
    }

    /// The voucher that a form has bought.
    async fn voucher(&self, form: OnceId) -> Option<VoucherCode> {
        let codes: Vec<RecordId> = self.db[0]
            .rows(
                "SELECT VALUE id FROM voucher WHERE guest = $guest AND paid = $paid",
                vars()
                    .with("guest", record("guest", self.guest))
                    .with("paid", record("points", format!("voucher|{form}"))),
            )
            .await
            .expect("vouchers");
        codes.first().map(|id| id_of(id).expect("a code"))
    }

    async fn play(&self, steps: &[Step]) {
        let forms: Vec<OnceId> = (0..FORMS).map(|_| OnceId::new()).collect();
        let mut now = monday();
        for step in steps {
            now += TimeDelta::days(i64::try_from(step.days).expect("few"));
            let doing = step.at_once.iter().map(|(other, deed)| self.carry_out(&forms, *other, deed, now));
            for (came, (_, deed)) in join_all(doing).await.into_iter().zip(&step.at_once) {
                // Too few points, somebody was first, or there is no such thing.
                let is_known =
                    matches!(came, Ok(()) | Err(AppError::Fields(_) | AppError::Conflict(_) | AppError::NotFound));
                assert!(is_known, "{deed:?}: {came:?}");
            }
            self.is_right().await;
        }
    }

    async fn is_right(&self) {
        let ledger = self.ledger().await;
        let mut balance = 0;
        for (entry, number) in ledger.iter().zip(1..) {
            balance += entry.amount;
            assert!(balance >= 0, "never negative: {ledger:?}");
            assert_eq!((entry.balance, entry.number), (balance, number), "each entry goes on from the one before");
        }
        let accounts: Vec<Account> = self.db[1]
            .rows("SELECT * FROM account WHERE guest = $guest", vars().with("guest", record("guest", self.guest)))
            .await
            .expect("accounts");
        let entries = i64::try_from(ledger.len()).expect("few");
        match accounts.as_slice() {
            [] => assert!(ledger.is_empty(), "{ledger:?}"),
            [account] => assert_eq!((account.balance, account.entries), (balance, entries)),
            more => panic!("one account: {more:?}"),
        }
        let lots: Vec<i64> = self.db[1]
            .rows(
                "SELECT VALUE remains FROM lot WHERE account IN (SELECT VALUE id FROM account WHERE guest = $guest)",
                vars().with("guest", record("guest", self.guest)),
            )
            .await
            .expect("lots");
        assert!(lots.iter().all(|remains| *remains >= 0), "{lots:?}");
        assert_eq!(lots.iter().sum::<i64>(), balance, "the lots are what is left: {ledger:?}");
        // Taken back once, and for exactly what it was.
        let by_id: HashMap<String, &Entry> = ledger.iter().map(|entry| (format!("{:?}", entry.id), entry)).collect();
        let mut taken_back = BTreeSet::new();
        let mut expired: BTreeMap<String, i64> = BTreeMap::new();
        for entry in &ledger {
            let Some(origin) = entry.origin.as_ref().map(|origin| format!("{origin:?}")) else { continue };
            let of = by_id[&origin];
            if entry.kind == "reversed" {
                assert_eq!(entry.amount, -of.amount, "{ledger:?}");
                assert!(taken_back.insert(origin), "taken back once: {ledger:?}");
            } else {
                *expired.entry(origin).or_default() -= entry.amount;
            }
        }
        assert_eq!(ledger.len(), by_id.len());
        // What expired of a gift was given, and what came back to it since may expire once more.
        for (origin, points) in expired {
            let returned: i64 =
                ledger.iter().filter(|entry| entry.kind == "reversed").map(|entry| entry.amount.max(0)).sum();
            assert!(points <= by_id[&origin].amount + returned, "{ledger:?}");
        }
    }
}

#[test]
fn no_interleaving_makes_a_balance_negative_or_pays_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    // The sessions of the cases go on for a day of the house's clock, which stands still.
    let house = runtime.block_on(async {
        let house = House::open().await;
        let mut manager = house.device("manager", "desk").await;
        let short: Fields = with(rules("chain", 0), "form[expire_months]", &MONTHS.to_string());
        manager.call::<SaveLoyalty>(&short).await.expect("kept");
        house
    });
    let config = Config { cases: 24, max_shrink_iters: 64, failure_persistence: None, ..Config::default() };
    let number = std::cell::Cell::new(0_u32);
    let cases = TestRunner::new(config).run(&collection::vec(step(), 4..14), |steps| {
        number.set(number.get() + 1);
        runtime.block_on(async {
            let till = Till::open(&house, &number.get().to_string()).await;
            till.play(&steps).await;
        });
        Ok(())
    });
    if let Err(failure) = cases {
        panic!("{failure}");
    }
}

#[tokio::test]
async fn of_two_who_spend_the_last_points_at_once_one_does() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveLoyalty>(&rules("chain", 0)).await.expect("kept");
    let till = Till::open(&house, "1").await;
    let now = monday();
    for round in 1..=6 {
        let given = Given::ByHand(30, "because".to_owned());
        store::give(&till.db[0], &till.desk, OnceId::new(), till.guest, &given, now).await.expect("given");
        // On one server, and on two.
        let dbs = if round % 2 == 0 { [&till.db[0], &till.db[0]] } else { [&till.db[0], &till.db[1]] };
        let spend = |db| store::redeem(db, &till.desk, OnceId::new(), till.guest, 20, "a wish", now);
        let came = tokio::join!(spend(dbs[0]), spend(dbs[1]));
        match came {
            (Ok(()), Err(error)) | (Err(error), Ok(())) => assert_eq!(error, not_enough(10)),
            other => panic!("one of them: {other:?}"),
        }
        store::redeem(&till.db[1], &till.desk, OnceId::new(), till.guest, 10, "the rest", now).await.expect("spent");
        till.is_right().await;
    }
}

#[tokio::test]
async fn the_same_form_sent_to_two_servers_at_once_counts_once() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    manager.call::<SaveLoyalty>(&rules("chain", 0)).await.expect("kept");
    let till = Till::open(&house, "1").await;
    let (given, now) = (Given::ByHand(100, "because".to_owned()), monday());
    let once = OnceId::new();
    let give = |db| store::give(db, &till.desk, once, till.guest, &given, now);
    let came = tokio::join!(give(&till.db[0]), give(&till.db[1]), give(&till.db[0]));
    assert_eq!(came, (Ok(()), Ok(()), Ok(())), "whoever comes second gets the same answer");
    let spend = |db| store::redeem(db, &till.desk, once, till.guest, 70, "a wish", now);
    let came = tokio::join!(spend(&till.db[0]), spend(&till.db[1]), spend(&till.db[1]));
    assert_eq!(came, (Ok(()), Ok(()), Ok(())));
    let amounts: Vec<i64> = till.ledger().await.iter().map(|entry| entry.amount).collect();
    assert_eq!(amounts, [100, -70]);
    till.is_right().await;
    // And two who take it back at once.
    let spent = till.ledger().await.remove(1);
    let key: String = id_of(&spent.id).expect("a key");
    let back = |db| store::reverse(db, &till.manager, &key, now);
    let came = tokio::join!(back(&till.db[0]), back(&till.db[1]));
    assert_eq!(came, (Ok(till.guest), Ok(till.guest)));
    till.is_right().await;
    assert_eq!(till.ledger().await.len(), 3);
}

#[tokio::test]
async fn points_that_come_back_after_their_last_day_expire_once_more() {
    let house = House::open().await;
    let mut manager = house.device("manager", "desk").await;
    let short = with(rules("chain", 0), "form[expire_months]", &MONTHS.to_string());
    manager.call::<SaveLoyalty>(&short).await.expect("kept");
    let till = Till::open(&house, "1").await;
    let given = Given::ByHand(50, "because".to_owned());
    store::give(&till.db[0], &till.desk, OnceId::new(), till.guest, &given, monday()).await.expect("given");
    store::redeem(&till.db[0], &till.desk, OnceId::new(), till.guest, 20, "a wish", monday()).await.expect("spent");
    let later = monday() + TimeDelta::days(40);
    store::expire(&till.db[0], &till.house, later).await.expect("expired");
    let spent: String = id_of(&till.ledger().await[1].id).expect("a key");
    store::reverse(&till.db[1], &till.manager, &spent, later).await.expect("taken back");
    till.is_right().await;
    store::expire(&till.db[1], &till.house, later).await.expect("expired");
    let amounts: Vec<i64> = till.ledger().await.iter().map(|entry| entry.amount).collect();
    assert_eq!(amounts, [50, -20, -30, 20, -20]);
    till.is_right().await;
}
