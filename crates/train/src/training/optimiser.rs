//! Adam as the paper has it (section 5.3), and AdamW.

use burn::optim::{self, AdamState, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

use super::in_place::in_place;
use crate::run::adam::AdamConfig;

/// Adam with beta 0.9 and 0.98 and epsilon 1e-9.
#[must_use]
pub fn adam() -> ModuleOptimizer {
    adam_of(&AdamConfig::default())
}

/// Adam as it is set.
#[must_use]
pub(crate) fn adam_of(config: &AdamConfig) -> ModuleOptimizer {
    let [beta_1, beta_2, epsilon] =
        [config.beta_1, config.beta_2, config.epsilon].map(|number| number as f32);
    let burns = optim::AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2).with_epsilon(epsilon);
    let weight_decay = config.weight_decay;
    ModuleOptimizer::from(Adam { burns: burns.build(), betas: [beta_1, beta_2], epsilon, weight_decay })
}

/// Burn's Adam, with the same state. Where the elements of tensors can be had, a step is one pass over memory, not a
/// dozen.
#[derive(Clone)]
struct Adam {
    burns: optim::Adam,
    betas: [f32; 2],
    epsilon: f32,
    weight_decay: f64,
}

/// What all parameters have in common at a step.
#[derive(Clone, Copy)]
struct Now {
    beta_1: f32,
    beta_2: f32,
    rate: f32,
    epsilon: f32,
    /// What weight decay leaves.
    kept: f32,
}

impl Now {
    // ANCHOR: adam
    /// Adam for one number. The rate and epsilon already make up for
    /// the zeros that both means began with.
    #[inline]
    fn update(&self, [p, m, v]: [&mut f32; 3], g: f32) {
        let Self { beta_1, beta_2, rate, epsilon, .. } = *self;
        *m = beta_1 * *m + (1.0 - beta_1) * g;
        *v = beta_2 * *v + (1.0 - beta_2) * g * g;
        *p -= rate * *m / (v.sqrt() + epsilon);
    }
    // ANCHOR_END: adam
}

impl Adam {
    /// What weight decay leaves of a parameter, before its gradient says anything (Loshchilov & Hutter 2019, algorithm
    /// 2). Vectors are biases and gains, which don't decay.
    fn kept<const D: usize>(&self, rate: f64) -> f64 {
        if D > 1 { 1.0 - rate * self.weight_decay } else { 1.0 }
    }
}

/// A parameter of which weight decay leaves so much.
fn decayed<const D: usize>(parameter: Tensor<D>, kept: f64) -> Tensor<D> {
    if kept < 1.0 { parameter * kept } else { parameter }
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: f64,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        let kept = self.kept::<D>(rate);
        // The first step makes the state.
        let Some(mut state) = state else {
            return self.burns.step(rate, decayed(parameter, kept), gradient, None);
        };
        let (time, [beta_1, beta_2]) = (state.momentum.time as i32 + 1, self.betas);
        let unbias = (1.0 - beta_2.powi(time)).sqrt();
        let now = Now {
            beta_1,
            beta_2,
            rate: rate as f32 * unbias / (1.0 - beta_1.powi(time)),
            epsilon: self.epsilon * unbias,
            kept: kept as f32,
        };
        let work = move |[parameter, gradient, moment_1, moment_2]: [&mut [f32]; 4]| {
            let now = now;
            for (((p, g), m), v) in parameter.iter_mut().zip(gradient).zip(moment_1).zip(moment_2) {
                *p *= now.kept;
                now.update([p, m, v], *g);
            }
        };
        let tensors = [parameter, gradient, state.momentum.moment_1, state.momentum.moment_2];
        match in_place(tensors, work) {
            Ok(([parameter, _, moment_1, moment_2], _)) => {
                state.momentum.time += 1;
                (state.momentum.moment_1, state.momentum.moment_2) = (moment_1, moment_2);
                (parameter, Some(state))
            }
            Err([parameter, gradient, moment_1, moment_2]) => {
                (state.momentum.moment_1, state.momentum.moment_2) = (moment_1, moment_2);
                self.burns.step(rate, decayed(parameter, kept), gradient, Some(state))
            }
        }
    }

    fn to_device<const D: usize>(state: AdamState<D>, device: &Device) -> AdamState<D> {
        optim::Adam::to_device(state, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::lr_scheduler::noam::NoamLrSchedulerConfig;
    use burn::nn::{Linear, LinearConfig};
    use burn::optim::GradientsParams;
    use burn::tensor::TensorData;

    /// Kingma & Ba 2015, algorithm 1, and Loshchilov & Hutter 2019, algorithm 2, worked out in double precision for a
    /// weight and a bias: Flex takes the one pass, NdArray Burn's own steps.
    #[test]
    fn adam_is_the_textbooks_and_so_is_adamw() {
        let decaying = AdamConfig { beta_1: 0.8, beta_2: 0.999, epsilon: 1e-3, weight_decay: 0.7 };
        for device in crate::device::all_for_tests() {
            follows_the_textbook(&AdamConfig::default(), &device.clone().autodiff());
            follows_the_textbook(&decaying, &device.autodiff());
        }
    }

    /// A number with its two means.
    struct Expected {
        value: f64,
        m: f64,
        v: f64,
    }

    impl Expected {
        fn step(&mut self, config: &AdamConfig, (rate, t): (f64, i32), slope: f64, decay: f64) {
            let AdamConfig { beta_1, beta_2, epsilon, .. } = *config;
            self.m = beta_1 * self.m + (1.0 - beta_1) * slope;
            self.v = beta_2 * self.v + (1.0 - beta_2) * slope * slope;
            let (m_hat, v_hat) = (self.m / (1.0 - beta_1.powi(t)), self.v / (1.0 - beta_2.powi(t)));
            self.value -= rate * (m_hat / (v_hat.sqrt() + epsilon) + decay * self.value);
        }
    }

    fn follows_the_textbook(config: &AdamConfig, device: &Device) {
        let number = |value: f32| Tensor::<2>::from_data(TensorData::new(vec![value], [1, 1]), device);
        let mut layer = crate::run::weights::initialise(LinearConfig::new(1, 1).init(device));
        let found = |layer: &Linear| {
            let bias = layer.bias.as_ref().unwrap().val().into_scalar::<f32>();
            [layer.weight.val().into_scalar::<f32>(), bias].map(f64::from)
        };
        let mut expected = found(&layer).map(|value| Expected { value, m: 0.0, v: 0.0 });
        let mut adam = adam_of(config);
        for (step, slope) in [3.0, -1.5, 0.25, 7.0, -0.5].into_iter().enumerate() {
            // The slope of the weight is what it is multiplied by, and that of the bias is one.
            let gradients = GradientsParams::from_grads(layer.forward(number(slope)).backward(), &layer);
            let at = (0.1 / (step + 1) as f64, step as i32 + 1);
            layer = adam.step(at.0, layer, gradients);
            expected[0].step(config, at, f64::from(slope), config.weight_decay);
            expected[1].step(config, at, 1.0, 0.0);
            for (found, Expected { value, .. }) in found(&layer).iter().zip(&expected) {
                assert!((found - value).abs() < 1e-5, "{config:?}, step {}: {found} is not {value}", at.1);
            }
        }
    }

    /// The model's own rate is used because it is a plain function of the step; Burn's scheduler agrees with it.
    #[test]
    fn burns_noam_schedule_agrees() {
        let mut scheduler =
            NoamLrSchedulerConfig::new(2.0).with_warmup_steps(7).with_model_size(48).init().unwrap();
        for step in 1..20 {
            let (found, expected) = (scheduler.step().base(), model::noam::noam_rate(step, 48, 7, 2.0));
            assert!((found - expected).abs() < 1e-12, "step {step}: {found} is not {expected}");
        }
    }
}
