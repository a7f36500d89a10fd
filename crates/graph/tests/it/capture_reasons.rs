//! A closure that does what can't be recorded is told what to do instead, and never in Burn's own words alone.

use burn::nn::LinearConfig;
use burn::tensor::{Device, Tensor};
use graph::{CaptureError, ClosureError, Session, capture};

fn zeros(session: &Session) -> Tensor<2> {
    Tensor::zeros([2, 3], session.device())
}

fn refused(name: &str, closure: impl FnOnce(&Session) -> Result<(), ClosureError>) -> CaptureError {
    match capture(name, closure) {
        Ok(graph) => panic!("{name} is captured: {}", graph.outline()),
        Err(error) => error,
    }
}

/// Declares what `body` makes of an input.
fn refused_body(name: &str, body: impl FnOnce(&Session, Tensor<2>) -> Tensor<2>) -> CaptureError {
    refused(name, |session| {
        let x = session.input("x", zeros(session));
        session.output("y", body(session, x));
        Ok(())
    })
}

#[test]
fn values_that_nobody_computes() {
    let read = [
        refused_body("data", |_, x| panic!("{} is read", x.exp().into_data())),
        refused_body("scalar", |_, x| x.clone() * x.exp().sum().into_scalar::<f32>()),
        refused("handed on", |session| {
            let x = session.input("x", zeros(session)).exp();
            x.clone().try_into_data()?;
            session.output("y", x);
            Ok(())
        }),
        refused_body("to a device of its own", |_, x| x.exp().to_device(&Device::capture())),
    ];
    for error in read {
        assert!(matches!(error, CaptureError::ValueRead { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("nothing is computed here") && !text.contains("TensorId"), "{text}");
    }
}

#[test]
fn what_is_data_can_be_read() {
    let graph = capture("data", |session| {
        let table = Tensor::<1>::from_floats([1.0, 2.0], session.device());
        let first: Vec<f32> = table.into_data().try_to_vec().map_err(|error| format!("{error:?}"))?;
        session.output("y", session.input("x", zeros(session)) * first[1]);
        Ok(())
    });
    assert_eq!(graph.unwrap().count("mul_scalar"), 1);
}

#[test]
fn gradients() {
    let error = refused_body("training", |_, x| x.require_grad().exp());
    assert!(matches!(error, CaptureError::Gradients { .. }), "{error}");
    assert!(error.to_string().ends_with("Capture the forward pass alone"), "{error}");
}

#[test]
fn a_seed() {
    let error = refused_body("seeded", |session, x| {
        session.device().seed(7);
        x.exp()
    });
    assert!(matches!(error, CaptureError::Seeded { .. }), "{error}");
}

#[test]
fn tensors_of_a_device_of_ones_own() {
    let own = Device::capture();
    let foreign = [
        refused_body("made there", |_, x| x + Tensor::zeros([2, 3], &own)),
        refused("a module there", |session| {
            session.parameters(&LinearConfig::new(3, 2).init(&own));
            Ok(())
        }),
        refused("mixed", |session| {
            let mut kept = None;
            capture("inner", |inner| {
                kept = Some(zeros(inner).exp());
                inner.output("y", zeros(inner).exp());
                Ok(())
            })?;
            session.output("y", zeros(session) + kept.ok_or("nothing kept")?);
            Ok(())
        }),
    ];
    for error in foreign {
        assert!(matches!(error, CaptureError::ForeignTensor { .. }), "{error}");
        assert!(error.to_string().contains("on `session.device()`"), "{error}");
    }
}

#[test]
fn a_tensor_that_outlives_its_capture() {
    let mut kept = None;
    capture("first", |session| {
        kept = Some(zeros(session).exp());
        session.output("y", zeros(session).exp());
        Ok(())
    })
    .unwrap();
    let stale = kept.unwrap();
    let error = refused_body("second", |_, x| x + stale);
    assert!(matches!(error, CaptureError::ForeignTensor { .. }), "{error}");
}

#[test]
fn a_panic_of_the_closures_own_keeps_its_words() {
    let error = refused_body("mine", |_, _| panic!("no head divides {}", 7));
    assert_eq!(error.to_string(), "the closure of `mine` panicked: no head divides 7");
}
