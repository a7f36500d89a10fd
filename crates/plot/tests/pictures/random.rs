//! Whatever the data and the names are, a picture is XML, all of it lies within it, and no text touches another.

use plot::{
    Bar, Bars, Caption, Chart, Colour, Drawn, HeatMap, HeatMaps, Hinton, Ink, Key, Legend, Mark, Panel, Row,
    Scale, Series, Surface, both, stack,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::measure::faults;

const COLOURS: [Colour; 4] = [Colour::First, Colour::Second, Colour::Third, Colour::Fourth];
const MARKS: [Mark; 8] = [
    Mark::Line,
    Mark::Dashes,
    Mark::Dots,
    Mark::DashDots,
    Mark::Thin,
    Mark::Points,
    Mark::Spots,
    Mark::Rings,
];

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -100.0..100.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, 1e308, -1e308, 5e-324, 1e20, 1e-20, 12_345_678.9,
        ]),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "",
            " ",
            "a",
            "<&\">",
            "training, NLL",
            "Donaudampfschifffahrtsgesellschaft",
            "變換器",
            "שלום",
            "a\n\nb\0",
        ])
        .prop_map(str::to_owned),
        vec(any::<char>(), 0..40).prop_map(|chars| chars.into_iter().collect()),
        (10_usize..90).prop_map(|count| "W".repeat(count)),
    ]
}

fn scale() -> impl Strategy<Value = Scale> {
    prop::sample::select(vec![Scale::Linear, Scale::Log])
}

prop_compose! {
    fn series()(name in name(), points in vec((value(), value()), 0..20), look in 0_usize..32) -> Series {
        Series::new(name, points, COLOURS[look % 4], MARKS[look / 4])
    }
}

prop_compose! {
    fn chart()(
        names in vec(name(), 4),
        series in vec(series(), 0..9),
        scales in (scale(), scale()),
        from_zero in any::<bool>(),
        size in (240.0..800.0, 150.0..400.0),
    ) -> Chart {
        let mut chart = Chart::new(&names[0], &names[1], &names[2]).note(&names[3]);
        chart = chart.scales(scales.0, scales.1).sized(size.0, size.1);
        Chart { series, from_zero, ..chart }
    }
}

prop_compose! {
    fn bars()(
        names in vec(name(), 2),
        bars in vec((name(), value()), 0..12),
        keys in vec(name(), 0..5),
        decimals in 0_usize..4,
        width in 300.0..700.0,
    ) -> Bars {
        let bars = bars.into_iter().enumerate().map(|(index, (name, value))| Bar {
            colour: COLOURS[index / 2 % 4], ..Bar::new(name, value)
        });
        let keys = keys.into_iter().map(|name| Key::filled(name, Colour::Second, 0.85)).collect();
        Bars { keys, decimals, width, ..Bars::new(&names[0], &names[1], bars.collect()) }
    }
}

prop_compose! {
    fn hinton()(
        title in name(),
        values in vec(vec(value(), 0..13), 0..9),
        rows in vec(name(), 0..9),
        columns in vec(name(), 0..13),
        cell in 1.0..40.0,
        coloured in any::<bool>(),
    ) -> Hinton {
        let ink = if coloured { Ink::Colours } else { Ink::WhiteBlack };
        Hinton { cell, ..Hinton::new(title, values).named(rows, columns).ink(ink) }
    }
}

prop_compose! {
    fn surface()(
        names in vec(name(), 5),
        x in (value(), value()),
        y in (value(), value()),
        factors in (value(), value(), value()),
        paths in vec(vec((value(), value()), 0..9), 0..4),
        arrow in ((value(), value()), (value(), value())),
    ) -> Surface {
        let (a, b, c) = factors;
        let mut surface = Surface::new(&names[0], (&names[1], x), (&names[2], y), (&names[3], move |x: f64, y: f64| {
            a * x * x + b * y * y + c * x * y
        }));
        for (path, colour) in paths.into_iter().zip(COLOURS) {
            surface = surface.descent(&names[4], path, colour);
        }
        surface.arrow(arrow.0, arrow.1, Colour::Third)
    }
}

fn check(panels: &[&dyn Panel]) -> Result<(), TestCaseError> {
    let caption = Caption { id: "random", title: "<T>", description: "\"d\" & \0" };
    let Drawn { wide, narrow } = both(panels, &caption);
    prop_assert_eq!(&wide, &stack(panels, &caption));
    for svg in narrow.iter().chain([&wide]) {
        let found = faults(svg);
        prop_assert!(found.is_empty(), "{}\n{svg}", found.join("\n"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn charts(first in chart(), second in chart()) {
        check(&[&first, &second])?;
    }

    #[test]
    fn bar_charts(bars in bars()) {
        check(&[&bars])?;
    }

    #[test]
    fn heat_maps(
        names in vec(name(), 4),
        maps in vec((name(), vec(vec(value(), 0..12), 0..12)), 0..5),
        rows in vec(name(), 0..20),
        columns in vec(name(), 0..20),
        range in (value(), value()),
    ) {
        let maps: Vec<HeatMap> =
            maps.into_iter().map(|(name, values)| HeatMap { name, values }).collect();
        check(&[&HeatMaps {
            title: &names[0],
            maps: &maps,
            rows: &rows,
            columns: &columns,
            row_axis: &names[1],
            column_axis: &names[2],
            value: &names[3],
            range,
            hint: &|map, row, column, value| format!("{map} {row} {column} {value}"),
        }])?;
    }

    #[test]
    fn hinton_squares(hinton in hinton()) {
        check(&[&hinton])?;
    }

    #[test]
    fn surfaces(surface in surface()) {
        check(&[&surface])?;
    }

    #[test]
    fn kinds_together(
        title in name(),
        keys in vec(name(), 0..12),
        chart in chart(),
        bars in bars(),
        hinton in hinton(),
        surface in surface(),
    ) {
        let keys = keys.into_iter().map(|name| Key::curve(name, &[Mark::Line, Mark::Spots], Colour::First)).collect();
        let row = Row { panels: vec![&hinton, &surface, &bars] };
        check(&[&Legend { title, keys }, &chart, &bars, &row, &hinton, &surface])?;
    }
}

#[test]
fn nothing_at_all_is_a_picture() {
    let nothing = Caption { id: "", title: "", description: "" };
    assert!(faults(&stack(&[], &nothing)).is_empty());
    assert!(faults(&stack(&[&Row::default()], &nothing)).is_empty());
}
