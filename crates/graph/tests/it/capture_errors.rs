//! Bad input gives a typed error that says what to do, and leaves the next capture unharmed.

use burn::nn::LinearConfig;
use burn::tensor::{Device, Int, Tensor};
use graph::{CaptureError, Session, Symbol, ViewError, ViewOptions, capture, capture_symbolic};

fn zeros(session: &Session) -> Tensor<2> {
    Tensor::zeros([2, 3], session.device())
}

#[test]
fn a_closure_that_runs_nothing() {
    let error = capture("nothing", |_| Ok(())).unwrap_err();
    assert!(matches!(error, CaptureError::Empty { .. }), "{error}");
}

#[test]
fn a_closure_that_declares_no_output() {
    let error = capture("silent", |session| {
        let _sum = session.input("x", zeros(session)) + 1.0;
        Ok(())
    });
    assert!(matches!(error, Err(CaptureError::NoOutput { .. })));
}

#[test]
fn a_closure_that_fails() {
    let error = capture("failing", |_| Err("no such preset".into())).unwrap_err();
    assert_eq!(error.to_string(), "the closure of `failing` failed: no such preset");
}

#[test]
fn a_closure_that_panics() {
    let error = capture("panicking", |session| {
        let x = zeros(session);
        let _never = x.reshape([7, 7]);
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, CaptureError::Panicked { .. }), "{error}");
    let after = capture("after", |session| {
        session.output("y", zeros(session) * 2.0);
        Ok(())
    });
    assert_eq!(after.unwrap().count("mul_scalar"), 1, "the device is usable again");
}

#[test]
fn a_module_on_another_device() {
    let other = Device::capture();
    let error = capture("elsewhere", |session| {
        let _graph = capture("inner", |inner| {
            session.output("y", zeros(inner) + 1.0);
            inner.output("y", zeros(inner) + 1.0);
            Ok(())
        })?;
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, CaptureError::OtherDevice { .. }), "{error}");
    let error = capture("no scope", |session| {
        session.parameters(&LinearConfig::new(2, 2).init(&other));
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, CaptureError::ForeignTensor { .. }), "{error}");
}

#[test]
fn a_tensor_of_an_earlier_capture() {
    let mut kept = None;
    capture("first", |session| {
        let y = zeros(session) + 1.0;
        kept = Some(y.clone());
        session.output("y", y);
        Ok(())
    })
    .unwrap();
    let stale = kept.unwrap();
    let error = capture("second", |session| {
        let x = session.input("x", zeros(session));
        session.output("y", x + stale);
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, CaptureError::ForeignTensor { .. }), "{error}");
}

#[test]
fn two_inputs_of_one_name() {
    let error = capture("twice", |session| {
        let x = session.input("x", zeros(session)) + session.input("x", zeros(session));
        session.output("y", x);
        Ok(())
    })
    .unwrap_err();
    assert_eq!(error.to_string(), "two inputs are named `x`: names must be unique");
}

#[test]
fn captures_that_differ_in_more_than_sizes() {
    let error = capture_symbolic("unrolled", &[Symbol::new("n", 3, 5)], |session, sizes| {
        let mut x = session.input("x", zeros(session));
        for _ in 0..sizes["n"] {
            x = x * 2.0;
        }
        session.output("y", x.exp());
        Ok(())
    })
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the captures at two sizes differ in structure: operation 3 (exp) is mul_scalar in the other"
    );
}

#[test]
fn a_symbol_that_is_not_there() {
    let error = capture_symbolic("missing", &[Symbol::new("batch", 3, 5)], |session, sizes| {
        let x = Tensor::<2, Int>::zeros([sizes["bach"], 2], session.device());
        session.output("y", x);
        Ok(())
    })
    .unwrap_err();
    assert!(error.to_string().contains("no symbol is named `bach`"), "{error}");
}

#[test]
fn a_root_that_is_not_there() {
    let graph = capture("spans", |session| {
        let x = session.input("x", zeros(session));
        let y = tracing::info_span!("outer").in_scope(|| {
            let y = tracing::info_span!("left").in_scope(|| x + 1.0);
            tracing::info_span!("right").in_scope(|| y.exp())
        });
        session.output("y", y);
        Ok(())
    })
    .unwrap();
    let error = graph.view(&ViewOptions::new().root("outer/middle")).unwrap_err();
    assert!(matches!(error, ViewError::UnknownScope { .. }));
    assert_eq!(error.to_string(), "no scope `outer/middle` in `spans`; there is outer/left, outer/right");
}
