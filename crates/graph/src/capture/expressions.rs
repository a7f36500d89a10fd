//! What a pair of sizes may be in terms of symbols: a product of some, a part of one, what a slice or a concatenation
//! makes of them.
//!
//! Expressions are tried from the simplest to the longest, a level at a time. If one fits at a level, no longer one is
//! looked for; if several do, none of them is certain, and all are told.

use super::symbol::Symbol;

/// The largest number that is added to a symbol, or taken from it.
const SHIFT: usize = 4;
/// The largest number that a symbol is multiplied or divided by where something is added as well.
const FACTOR: u128 = 64;

/// The simplest expressions that have these two sizes. Only if there is exactly one, it is certain.
pub(super) fn expressions(symbols: &[Symbol], sizes: [usize; 2]) -> Vec<String> {
    let pair = sizes.map(|size| size as u128);
    let levels: [&dyn Fn() -> Vec<String>; 5] = [
        &|| products(symbols, pair, 1, Scale::Whole),
        &|| [products(symbols, pair, 1, Scale::Any), products(symbols, pair, 2, Scale::Whole)].concat(),
        &|| products(symbols, pair, 3, Scale::Whole),
        &|| [shifted(symbols, pair, Scale::Whole), sums(symbols, pair)].concat(),
        &|| {
            let long = products(symbols, pair, 4, Scale::Whole);
            [long, products(symbols, pair, 2, Scale::Any), shifted(symbols, pair, Scale::Any)].concat()
        },
    ];
    levels.iter().map(|level| level()).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Whether an expression has a number before it or below it.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    Whole,
    Any,
}

/// Products of so many symbols, each as often as needed, times a number if that is allowed.
fn products(symbols: &[Symbol], pair: [u128; 2], factors: usize, scale: Scale) -> Vec<String> {
    let mut found = Vec::new();
    let mut chosen = Vec::with_capacity(factors);
    choose(symbols, factors, 0, [1, 1], &mut chosen, &mut |product, chosen| {
        if let Some((times, parts)) = ratio(pair, product).filter(|&ratio| fits(ratio, scale)) {
            let names: Vec<&str> = chosen.iter().map(|&place| symbols[place].name.as_str()).collect();
            found.push(written(&names.join("·"), times, parts));
        }
    });
    found
}

/// Calls `offer` with the product of every choice of `factors` symbols from the one at `from` on.
fn choose(
    symbols: &[Symbol],
    factors: usize,
    from: usize,
    product: [u128; 2],
    chosen: &mut Vec<usize>,
    offer: &mut impl FnMut([u128; 2], &[usize]),
) {
    if factors == 0 {
        return offer(product, chosen);
    }
    for (place, symbol) in symbols.iter().enumerate().skip(from) {
        let larger =
            product[0].checked_mul(symbol.shown as u128).zip(product[1].checked_mul(symbol.probe as u128));
        let Some((shown, probe)) = larger else { continue };
        chosen.push(place);
        choose(symbols, factors - 1, place, [shown, probe], chosen, offer);
        chosen.pop();
    }
}

/// A symbol, or a multiple or a part of one, and a little more or less.
fn shifted(symbols: &[Symbol], [shown, probe]: [u128; 2], scale: Scale) -> Vec<String> {
    let mut found = Vec::new();
    for by in 1..=SHIFT as u128 {
        for symbol in symbols {
            let base = [symbol.shown as u128, symbol.probe as u128];
            let less =
                shown.checked_sub(by).zip(probe.checked_sub(by)).map(|(shown, probe)| ([shown, probe], '+'));
            let more = Some(([shown + by, probe + by], '-'));
            for (pair, sign) in less.into_iter().chain(more) {
                let ratio = ratio(pair, base).filter(|&(times, parts)| {
                    fits((times, parts), scale) && (times == 1 || parts == 1) && times.max(parts) <= FACTOR
                });
                if let Some((times, parts)) = ratio {
                    found.push(format!("{}{sign}{by}", written(&symbol.name, times, parts)));
                }
            }
        }
    }
    found
}

fn sums(symbols: &[Symbol], pair: [u128; 2]) -> Vec<String> {
    let sum = |a: &Symbol, b: &Symbol| [a.shown as u128 + b.shown as u128, a.probe as u128 + b.probe as u128];
    let pairs =
        symbols.iter().enumerate().flat_map(|(place, a)| symbols[place + 1..].iter().map(move |b| (a, b)));
    pairs.filter(|(a, b)| sum(a, b) == pair).map(|(a, b)| format!("{}+{}", a.name, b.name)).collect()
}

/// By what `base` must be multiplied and divided to give `pair`, if that is the same for both sizes.
fn ratio(pair: [u128; 2], base: [u128; 2]) -> Option<(u128, u128)> {
    let same = pair[0].checked_mul(base[1]).zip(pair[1].checked_mul(base[0])).is_some_and(|(a, b)| a == b);
    let common = gcd(pair[0], base[0]);
    (same && common > 0 && pair[0] > 0).then(|| (pair[0] / common, base[0] / common))
}

fn fits(ratio: (u128, u128), scale: Scale) -> bool {
    (ratio == (1, 1)) == (scale == Scale::Whole)
}

fn written(product: &str, times: u128, parts: u128) -> String {
    let before = if times == 1 { String::new() } else { format!("{times}·") };
    let after = if parts == 1 { String::new() } else { format!("/{parts}") };
    format!("{before}{product}{after}")
}

/// The greatest common divisor.
pub(super) fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_as_small_as_need_be() {
        let symbols =
            [Symbol::new("batch", 2, 3), Symbol::new("height", 224, 160), Symbol::new("width", 192, 320)];
        let named = |shown, probe| expressions(&symbols, [shown, probe]).join(" or ");
        assert_eq!(named(14, 10), "height/16");
        assert_eq!(named(7, 5), "height/32");
        assert_eq!(named(168, 120), "3·height/4");
        assert_eq!(named(14 * 12, 10 * 20), "height·width/256");
        assert_eq!(named(98, 147), "49·batch");
        assert_eq!(named(111, 79), "height/2-1", "a convolution without padding");
        assert_eq!(named(111, 78), "");
    }

    #[test]
    fn what_may_be_two_things_is_neither() {
        let symbols =
            [Symbol::new("batch", 2, 3), Symbol::new("heads", 8, 4), Symbol::new("d_model", 64, 48)];
        assert_eq!(expressions(&symbols, [16, 12]), ["d_model/4", "batch·heads"]);
    }

    #[test]
    fn sizes_as_large_as_can_be_are_no_trouble() {
        let symbols = [Symbol::new("a", usize::MAX, usize::MAX - 1), Symbol::new("b", 3, usize::MAX)];
        assert_eq!(expressions(&symbols, [usize::MAX, usize::MAX - 1]), ["a"]);
        assert!(expressions(&symbols, [usize::MAX - 9, 77]).is_empty());
        assert!(expressions(&symbols, [0, 5]).is_empty());
    }
}
