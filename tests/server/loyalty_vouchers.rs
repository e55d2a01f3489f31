//! Vouchers: issued as a present or for points, used once, withdrawn, over.

use crate::{
    harness::{Device, House},
    loyalty::{Fields, balance, days_later, detail, gift, not_enough, opened, run, with},
    sending::until,
};
use rapport::{
    error::{AppError, Problem},
    house::store as houses,
    ids::{GuestId, OnceId},
    loyalty::{
        VoucherState,
        api::{GivePoints, IssueVoucher, RedeemVoucher, ReversePoints, WithdrawVoucher},
        store,
        voucher::VoucherCode,
    },
    server::clock::{self, Clock},
};

fn voucher(once: OnceId, guest: GuestId, points: &str) -> Fields {
    vec![
        ("once", once.to_string()),
        ("guest", guest.to_string()),
        ("what", "Dinner for two".to_owned()),
        ("amount", "80".to_owned()),
        ("expires", "2026-12-23".to_owned()),
        ("points", points.to_owned()),
    ]
}

fn using(guest: GuestId, code: &str) -> Fields {
    vec![("guest", guest.to_string()), ("code", code.to_owned())]
}

/// Issues a voucher. Its code.
async fn issued(desk: &mut Device, guest: GuestId, points: &str) -> VoucherCode {
    let before = codes(desk, guest).await;
    desk.call::<IssueVoucher>(&voucher(OnceId::new(), guest, points)).await.expect("issued");
    let mut new = codes(desk, guest).await;
    new.retain(|code| !before.contains(code));
    assert_eq!(new.len(), 1, "one more: {new:?}");
    new.remove(0)
}

async fn codes(desk: &mut Device, guest: GuestId) -> Vec<VoucherCode> {
    detail(desk, guest).await.vouchers.into_iter().map(|voucher| voucher.code).collect()
}

/// What the guest can use, as the card tells it.
async fn usable(house: &House, guest: GuestId) -> Vec<VoucherCode> {
    let here = houses::house(&house.db, house.id).await.expect("an answer").expect("the house");
    let today = clock::today(house.clock.now(), here.zone());
    let lines = store::vouchers_of(&house.db, &here, guest, today).await.expect("an answer");
    lines.into_iter().map(|line| line.code).collect()
}

fn refused(code: &VoucherCode, expected: &str) -> AppError {
    AppError::field("code", Problem::NotKnown(code.printed(), expected.to_owned()))
}

#[tokio::test]
async fn a_voucher_is_issued_once_and_used_once() {
    let house = opened().await;
    let (guest, other) = (house.guest("M0001").await, house.guest("M0002").await);
    let mut desk = house.device("reception", "desk").await;
    let once = OnceId::new();
    for _ in 0..2 {
        desk.call::<IssueVoucher>(&voucher(once, guest, "")).await.expect("issued");
    }
    let vouchers = detail(&mut desk, guest).await.vouchers;
    assert_eq!(vouchers.len(), 1, "sent twice it is one: {vouchers:?}");
    let there = &vouchers[0];
    assert_eq!((there.state, &there.amount), (VoucherState::Issued, &Some(("EUR".to_owned(), 8_000))));
    assert!(there.can_redeem && !there.was_bought);
    assert_eq!(usable(&house, guest).await, std::slice::from_ref(&there.code));
    let theirs = desk.call::<IssueVoucher>(&voucher(once, other, "")).await;
    assert_eq!(theirs, Err(AppError::Conflict("The reception".to_owned())));

    // As the guest reads it out: in lower case, and in two groups.
    let spoken = there.code.printed().to_lowercase();
    let elsewhere = desk.call::<RedeemVoucher>(&using(other, &spoken)).await;
    assert_eq!(elsewhere, Err(refused(&there.code, "@loyalty_code")), "it is not hers");
    for (typed, problem) in
        [("", Problem::Empty), ("22222-22222", Problem::NotKnown("22222-22222".to_owned(), "@loyalty_code".to_owned()))]
    {
        assert_eq!(desk.call::<RedeemVoucher>(&using(guest, typed)).await, Err(AppError::field("code", problem)));
    }
    desk.call::<RedeemVoucher>(&using(guest, &spoken)).await.expect("used");
    let mut manager = house.device("manager", "desk").await;
    let again = manager.call::<RedeemVoucher>(&using(guest, &spoken)).await;
    assert_eq!(again, Err(AppError::Conflict("The reception".to_owned())));
    assert!(usable(&house, guest).await.is_empty());
    let ended = detail(&mut desk, guest).await.vouchers.remove(0);
    let by = Some(("The reception".to_owned(), "2026-11-23 09:00".to_owned()));
    assert_eq!((ended.state, ended.ended), (VoucherState::Redeemed, by));
}

#[tokio::test]
async fn of_two_who_use_a_voucher_at_once_one_does() {
    let house = opened().await;
    let guest = house.guest("M0001").await;
    let beside = house.beside(house.db.sibling()).await;
    let mut desk = house.device("reception", "desk").await;
    let mut manager = beside.device("manager", "desk").await;
    for _ in 0..5 {
        let code = issued(&mut desk, guest, "").await.to_string();
        let (fields, same) = (using(guest, &code), using(guest, &code));
        let came = tokio::join!(desk.call::<RedeemVoucher>(&fields), manager.call::<RedeemVoucher>(&same));
        let name = match came {
            (Ok(()), Err(AppError::Conflict(name))) => (name, "The reception"),
            (Err(AppError::Conflict(name)), Ok(())) => (name, "The manager"),
            other => panic!("one of them: {other:?}"),
        };
        assert_eq!(name.0, name.1, "the other learns who was first");
    }
}

#[tokio::test]
async fn points_pay_for_a_voucher_and_return_when_it_is_withdrawn() {
    let house = opened().await;
    let guest = house.guest("M0002").await;
    let (mut desk, mut manager) = (house.device("reception", "desk").await, house.device("manager", "desk").await);
    desk.call::<GivePoints>(&gift(OnceId::new(), guest, "50")).await.expect("given");
    let dear = desk.call::<IssueVoucher>(&voucher(OnceId::new(), guest, "51")).await;
    assert_eq!(dear, Err(not_enough(50)));
    assert!(detail(&mut desk, guest).await.vouchers.is_empty(), "nothing was issued");
    let code = issued(&mut desk, guest, "40").await;
    assert_eq!(balance(&house, guest).await, 10);
    let withdrawal = [("code", code.to_string())];
    assert_eq!(desk.call::<WithdrawVoucher>(&withdrawal).await, Err(AppError::Forbidden));
    manager.call::<WithdrawVoucher>(&withdrawal).await.expect("withdrawn");
    assert_eq!(balance(&house, guest).await, 50);
    let used = desk.call::<RedeemVoucher>(&using(guest, &code.to_string())).await;
    assert_eq!(used, Err(AppError::Conflict("The manager".to_owned())));

    // Taking the entry back is withdrawing the voucher; one that has been used stays paid for.
    let code = issued(&mut desk, guest, "40").await;
    let entry = detail(&mut manager, guest).await.entries.remove(0);
    assert_eq!((entry.amount, entry.reason.as_deref(), entry.can_reverse), (-40, Some("Dinner for two"), true));
    desk.call::<RedeemVoucher>(&using(guest, &code.to_string())).await.expect("used");
    let reversal = [("entry", entry.id.clone())];
    let late = manager.call::<ReversePoints>(&reversal).await;
    assert_eq!(late, Err(AppError::Conflict("The reception".to_owned())));
    assert_eq!(balance(&house, guest).await, 10);
    desk.call::<GivePoints>(&gift(OnceId::new(), guest, "30")).await.expect("given");
    issued(&mut desk, guest, "40").await;
    let entry = detail(&mut manager, guest).await.entries.remove(0);
    manager.call::<ReversePoints>(&[("entry", entry.id)]).await.expect("withdrawn");
    assert_eq!(balance(&house, guest).await, 40);
    let mut states: Vec<_> = detail(&mut desk, guest).await.vouchers.iter().map(|voucher| voucher.state).collect();
    states.sort();
    assert_eq!(states, [VoucherState::Redeemed, VoucherState::Withdrawn, VoucherState::Withdrawn]);
}

#[tokio::test]
async fn a_voucher_ends_with_its_last_day() {
    let house = opened().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let over = with(voucher(OnceId::new(), guest, ""), "expires", "2026-11-22");
    let problem = Problem::NotKnown("2026-11-22".to_owned(), "@from_today".to_owned());
    assert_eq!(desk.call::<IssueVoucher>(&over).await, Err(AppError::field("expires", problem)));
    let (first, second) = (issued(&mut desk, guest, "").await, issued(&mut desk, guest, "").await);
    let here = houses::house(&house.db, house.id).await.expect("an answer").expect("the house");
    let last = "2026-12-23".parse().expect("a day");
    let ending = store::expiring_of(&house.db, &here, &[guest], last).await.expect("an answer");
    assert_eq!((ending[&guest].points, ending[&guest].vouchers.len()), (0, 2));
    days_later(&house, 30, &mut [(&mut desk, "reception")]).await;
    desk.call::<RedeemVoucher>(&using(guest, &first.to_string())).await.expect("the last day counts");
    days_later(&house, 1, &mut [(&mut desk, "reception")]).await;
    let late = desk.call::<RedeemVoucher>(&using(guest, &second.to_string())).await;
    assert_eq!(late, Err(refused(&second, "@loyalty_valid")));
    assert!(usable(&house, guest).await.is_empty());
    until(async || {
        run(&house).await;
        detail(&mut desk, guest).await.vouchers.iter().any(|voucher| voucher.state == VoucherState::Expired)
    })
    .await;
}

#[tokio::test]
async fn vouchers_are_for_the_desk_and_managers() {
    let house = opened().await;
    let guest = house.guest("M0001").await;
    let mut desk = house.device("reception", "desk").await;
    let code = issued(&mut desk, guest, "").await.to_string();
    for login in ["floor", "host", "concierge", "marketing", "admin"] {
        let mut device = house.device(login, "desk").await;
        let issuing = device.call::<IssueVoucher>(&voucher(OnceId::new(), guest, "")).await;
        let used = device.call::<RedeemVoucher>(&using(guest, &code)).await;
        let withdrawn = device.call::<WithdrawVoucher>(&[("code", code.clone())]).await;
        for refused in [issuing, used, withdrawn] {
            assert_eq!(refused, Err(AppError::Forbidden), "{login}");
        }
    }
    assert_eq!(usable(&house, guest).await.len(), 1);
}
