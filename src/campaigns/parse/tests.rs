//! Forms as people fill them in.

use super::*;

fn typed() -> CampaignForm {
    let settings = Settings { signer: "Clara Sousa".into(), ..Settings::default() };
    CampaignForm::of("Birthday, house letter", &settings)
}

fn refused(kind: CampaignKind, form: &CampaignForm) -> Vec<String> {
    campaign(kind, form).err().unwrap_or_default().into_iter().map(|error| error.field).collect()
}

#[test]
fn opening_and_saving_changes_nothing() {
    let settings = Settings {
        segment: Segment {
            nationalities: vec!["CHN".into(), "PRT".into()],
            languages: vec!["zh".into()],
            age_from: Some(30),
            age_to: Some(30),
            vip_from: 2,
            preferences: vec!["sea_view".into()],
            nights_from: Some(7),
            last_stay_from: Some("2023-01-01".into()),
            last_stay_to: Some("2023-12-31".into()),
        },
        send_at: "10:30".into(),
        zone: SendZone::Guest,
        quiet: Some(("20:00".into(), "09:00".into())),
        grace_hours: 24,
        daily_cap: None,
        frequency_days: 0,
        one_per_household: true,
        starts: Some("2026-12-01".into()),
        ends: Some("2026-12-31".into()),
        every_days: 90,
        personal_from_vip: Some(2),
        second_person: true,
        control_percent: 10,
        fallback_language: "pt".into(),
        signer: "Clara Sousa".into(),
        signer_title: "General Manager".into(),
        signer_staff: Some(StaffId::new()),
        ..Settings::default()
    };
    let kept = |kind, settings: Settings| {
        let form = CampaignForm::of("Autumn", &settings);
        assert_eq!(campaign(kind, &form), Ok(CampaignDraft { name: "Autumn".into(), settings }));
    };
    kept(CampaignKind::Offer, settings.clone());
    let settings = Settings { every_days: Settings::default().every_days, ..settings };
    kept(CampaignKind::Birthday, Settings { lead_days: 3, leap_day: LeapDay::March1, ..settings.clone() });
    kept(CampaignKind::Lapsed, Settings { stages: vec![12, 36], ..settings.clone() });
    kept(CampaignKind::Expiring, Settings { lead_days: 30, ..settings.clone() });
    kept(CampaignKind::Overdue, settings.clone());
    kept(CampaignKind::ThankYou, Settings { days_after: 5, ..settings });
}

#[test]
fn what_people_type_is_made_alike() {
    let form = CampaignForm {
        send_at: " 9:05 ".into(),
        quiet_from: String::new(),
        quiet_to: String::new(),
        daily_cap: " ".into(),
        stages: "36 12，12、24".into(),
        segment: SegmentForm { nationalities: "cn, PRT pt".into(), ..typed().segment },
        ..typed()
    };
    let read = campaign(CampaignKind::Lapsed, &form).expect("every field is right").settings;
    assert_eq!((read.send_at.as_str(), read.quiet, read.daily_cap), ("09:05", None, None));
    assert_eq!(read.stages, [12, 24, 36]);
    assert_eq!(read.segment.nationalities, ["CHN", "PRT"]);
}

#[test]
fn every_refused_field_is_told_at_once() {
    let form = CampaignForm {
        name: "\u{202e}".into(),
        send_at: "25:00".into(),
        zone: "moon".into(),
        quiet_from: "21:00".into(),
        quiet_to: "21:00".into(),
        lead_days: "61".into(),
        grace_hours: "0".into(),
        daily_cap: "0".into(),
        frequency_days: "-1".into(),
        starts: "2026-02-30".into(),
        ends: "tomorrow".into(),
        every_days: "367".into(),
        stages: "12, 241".into(),
        days_after: "".into(),
        leap_day: "march_2".into(),
        personal_from_vip: "4".into(),
        control_percent: "51".into(),
        fallback_language: "xx".into(),
        signer: "Clara\u{0}".into(),
        signer_title: "x".repeat(81),
        signer_staff: "Clara".into(),
        segment: SegmentForm {
            nationalities: "PRT, Atlantis".into(),
            languages: vec!["xx".into()],
            age_from: "121".into(),
            age_to: "+5".into(),
            vip_from: "4".into(),
            preferences: vec!["halal".into(), "nothing".into()],
            nights_from: "0".into(),
            last_stay_from: "12/05/2023".into(),
            last_stay_to: "2023-05-12".into(),
        },
        ..typed()
    };
    let mut fields = refused(CampaignKind::Offer, &form);
    let preferences = fields.iter().filter(|field| *field == "preferences").count();
    assert_eq!(preferences, 2, "what guests eat is not for letters");
    // Each kind reads what is its own.
    for kind in [CampaignKind::Birthday, CampaignKind::Lapsed, CampaignKind::ThankYou] {
        fields.extend(refused(kind, &form));
    }
    fields.sort();
    fields.dedup();
    let mut all: Vec<_> = form.fields().into_iter().map(|(field, _)| field.to_owned()).collect();
    // Boxes have nothing wrong to type, and the ones below are right.
    all.retain(|field| !["one_per_household", "second_person", "last_stay_to", "quiet_from"].contains(&field.as_str()));
    all.sort();
    assert_eq!(fields, all);
}

#[test]
fn an_end_does_not_lie_before_its_beginning() {
    let form = CampaignForm {
        starts: "2026-12-02".into(),
        ends: "2026-12-01".into(),
        segment: SegmentForm {
            age_from: "40".into(),
            age_to: "39".into(),
            last_stay_from: "2024-01-02".into(),
            last_stay_to: "2024-01-01".into(),
            ..typed().segment
        },
        ..typed()
    };
    let mut fields = refused(CampaignKind::Birthday, &form);
    fields.sort();
    assert_eq!(fields, ["age_to", "ends", "last_stay_to"]);
    let one_day = CampaignForm { ends: "2026-12-02".into(), ..form };
    assert!(!refused(CampaignKind::Birthday, &one_day).contains(&"ends".to_owned()), "one day is a time too");
}

#[test]
fn quiet_hours_have_both_ends_or_none() {
    let half = CampaignForm { quiet_to: String::new(), ..typed() };
    assert_eq!(refused(CampaignKind::Birthday, &half), ["quiet_to"]);
    let half = CampaignForm { quiet_from: String::new(), ..typed() };
    assert_eq!(refused(CampaignKind::Birthday, &half), ["quiet_from"]);
}

#[test]
fn what_goes_out_once_has_its_day() {
    assert_eq!(refused(CampaignKind::OneOff, &typed()), ["starts"]);
    let form = CampaignForm { starts: "2026-12-24".into(), ..typed() };
    let read = campaign(CampaignKind::OneOff, &form).expect("accepted").settings;
    assert_eq!(read.ends.as_deref(), Some("2026-12-24"));
    let later = CampaignForm { starts: "2026-12-31".into(), ..CampaignForm::of("x", &read) };
    assert!(refused(CampaignKind::OneOff, &later).iter().all(|field| field != "ends"), "it moves as a whole");
}
