use serde_json::json;

use super::*;

fn rows(values: &[Value]) -> Vec<Row> {
    values.iter().map(|value| value.as_object().unwrap().clone()).collect()
}

fn options(map: &[&str]) -> TableOptions {
    TableOptions { map: map.iter().map(|mapped| mapped.parse().unwrap()).collect(), ..TableOptions::default() }
}

/// Applies the plan of these rows to the first of them.
fn check(map: &[&str], values: &[Value], expected: &Value) {
    let rows = rows(values);
    let plan = Plan::decide(&rows, &options(map), Demand::Cells { has_commas: false }, &TimeZone::UTC).unwrap();
    assert_eq!(Value::Object(plan.apply(rows[0].clone()).unwrap()), *expected, "{map:?} {values:?}");
}

fn check_error(map: &[&str], values: &[Value], expected: &str) {
    let error =
        Plan::decide(&rows(values), &options(map), Demand::Cells { has_commas: false }, &TimeZone::UTC).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn names_tell_columns() {
    check(
        &[],
        &[json!({"Body": "a", "Created At": "1.2.2024", "user": "marta", "n": "12", "code": "007"})],
        &json!({"n": 12, "code": "007", "text": "a", "date": "2024-02-01", "author": "marta"}),
    );
    // The record's own name goes before those that mean it.
    check(
        &[],
        &[json!({"text": "a", "body": "b", "author": "x", "user": "y"})],
        &json!({"body": "b", "user": "y", "text": "a", "author": "x"}),
    );
    check(&[], &[json!({"title": "only a heading"})], &json!({"title": "only a heading"}));
}

#[test]
fn long_texts_tell_where_names_do_not() {
    let long = "words and words and words and more of the same words";
    check(&[], &[json!({"a": "x", "b": long})], &json!({"a": "x", "text": long}));
    check_error(
        &[],
        &[json!({"a": long, "b": long})],
        "2 columns look like the text: `a`, `b`; decide with `--map text=a`",
    );
}

#[test]
fn what_is_mapped_displaces_its_name() {
    check(&["text=body"], &[json!({"text": "a", "body": "b"})], &json!({"text": "b", "text_": "a"}));
    check(
        &["text=a.b", "price=p:number"],
        &[json!({"a": {"b": "x", "c": 1}, "p": "1.50"})],
        &json!({"a": {"c": 1}, "text": "x", "price": serde_json::from_str::<Value>("1.50").unwrap()}),
    );
}

#[test]
fn what_programs_make_of_values_is_undone() {
    check(
        &[],
        &[
            json!({"text": "nan", "id": "12.0", "reply_to": "nan", "author": "None", "views": "100", "mood": "None", "n": "NaN"}),
            json!({"n": "7"}),
        ],
        &json!({"mood": "None", "text": "nan", "id": "12", "views": 100}),
    );
}

#[test]
fn says_what_decides() {
    check_error(
        &["text=b"],
        &[json!({"a": "x"})],
        "there is no column `b`; the columns are `a`; decide with `--map text=COLUMN`",
    );
    check_error(
        &[],
        &[json!({"id": "1"})],
        "no column looks like the text; the columns are `id`; decide with `--map text=COLUMN`",
    );
    check_error(
        &[],
        &[json!({"text": "a", "created": "2024-01-02", "timestamp": "1719225015"})],
        "2 columns look like the date: `created`, `timestamp`; decide with `--map date=created`",
    );
    check_error(
        &[],
        &[json!({"text": "a", "date": "25/04/2024"}), json!({"text": "a", "date": "04/25/2024"})],
        "column `date` has both 25/04/2024 and 04/25/2024; decide with `--date-format %d/%m/%Y`",
    );
}

#[test]
fn an_extracted_record_needs_no_plan() {
    let row = json!({"uid": "c/1", "id": "1", "kind": "post", "date": "2024-06-24T10:30:15+03:00", "text": "a", "views": 3, "x": 1.5});
    let plan =
        Plan::decide(&rows(std::slice::from_ref(&row)), &TableOptions::default(), Demand::Nothing, &TimeZone::UTC)
            .unwrap();
    assert_eq!(plan.apply(row.as_object().unwrap().clone()).map(Value::Object).unwrap(), row);
    assert_eq!(plan.notes(), [""; 0]);
}

#[test]
fn the_only_dates_are_those_of_the_posts() {
    check(
        &[],
        &[json!({"text": "a", "Veröffentlicht": "24.06.2024", "n": "3"})],
        &json!({"n": 3, "text": "a", "date": "2024-06-24"}),
    );
    // Of two nobody knows, and the account says so.
    let row = json!({"text": "a", "Born": "24.06.1990", "Seen": "25.06.2024"});
    check(&[], std::slice::from_ref(&row), &row);
    let plan = Plan::decide(&rows(&[row]), &options(&[]), Demand::Cells { has_commas: false }, &TimeZone::UTC).unwrap();
    let told = "no column was taken for the date: `Born`, `Seen` hold dates, `--map date=COLUMN` says which it is";
    assert_eq!(plan.notes(), [told]);
}

#[test]
fn the_form_that_is_given_tells_the_column_of_dates() {
    let rows = rows(&[json!({"id": "1", "when": "24/03/01 10:00", "text": "a"})]);
    let with = |format: &str| {
        let options = TableOptions { date_format: Some(format.to_owned()), ..TableOptions::default() };
        Plan::decide(&rows, &options, Demand::Cells { has_commas: false }, &TimeZone::UTC).unwrap()
    };
    let plan = with("%y/%m/%d %H:%M");
    assert_eq!(plan.apply(rows[0].clone()).unwrap()["date"], "2024-03-01T10:00:00");
    let told = "no column was taken for the date: none holds dates as `--date-format` has them; the columns are `id`, `when`, `text`";
    assert_eq!(with("%d of %B").notes().last().map(String::as_str), Some(told));
}

#[test]
fn of_an_object_the_name_is_the_author() {
    check(
        &[],
        &[json!({"text": "a", "user": {"id": 7, "username": "al", "name": "Al"}})],
        &json!({"text": "a", "author": "Al", "user": {"id": 7, "username": "al"}}),
    );
    check(&[], &[json!({"text": "a", "user": {"id": 7}})], &json!({"text": "a", "user": {"id": 7}}));
}

#[test]
fn a_comma_stands_before_decimals_where_semicolons_stand_between_cells() {
    let rows = rows(&[
        json!({"text": "a", "price": "12,50"}),
        json!({"text": "b", "price": "1.003,50"}),
        json!({"text": "b", "price": "on request"}),
    ]);
    for (has_commas, expected) in [(true, "12.50"), (false, "\"12,50\"")] {
        let plan = Plan::decide(&rows, &options(&[]), Demand::Cells { has_commas }, &TimeZone::UTC).unwrap();
        let price = |row: usize| plan.apply(rows[row].clone()).unwrap()["price"].to_string();
        assert_eq!(price(0), expected);
        assert_eq!(price(1), if has_commas { "1003.50" } else { "\"1.003,50\"" });
        assert_eq!(price(2), "\"on request\"");
    }
}
