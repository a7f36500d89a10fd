//! Adam as the paper has it (section 5.3).

use burn::optim::{self, AdamConfig, AdamState, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

use super::in_place::in_place;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.98;
const EPSILON: f32 = 1e-9;

/// Adam with beta 0.9 and 0.98 and epsilon 1e-9.
#[must_use]
pub fn adam() -> ModuleOptimizer {
    let config = AdamConfig::new().with_beta_1(BETA_1).with_beta_2(BETA_2).with_epsilon(EPSILON);
    ModuleOptimizer::from(Adam { burns: config.build() })
}

/// Burn's Adam, with the same state. Where the elements of tensors can be had, a step is one pass over memory, not a
/// dozen.
#[derive(Clone)]
struct Adam {
    burns: optim::Adam,
}

// ANCHOR: adam
/// Adam for one number. The rate and epsilon already make up for the
/// zeros that both means began with.
#[inline]
fn update([p, m, v]: [&mut f32; 3], g: f32, rate: f32, epsilon: f32) {
    *m = BETA_1 * *m + (1.0 - BETA_1) * g;
    *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
    *p -= rate * *m / (v.sqrt() + epsilon);
}
// ANCHOR_END: adam

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        rate: f64,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        // The first step makes the state.
        let Some(mut state) = state else { return self.burns.step(rate, parameter, gradient, None) };
        let time = state.momentum.time as i32 + 1;
        let unbias = (1.0 - BETA_2.powi(time)).sqrt();
        let (rate_now, epsilon) = (rate as f32 * unbias / (1.0 - BETA_1.powi(time)), EPSILON * unbias);
        let work = |[parameter, gradient, moment_1, moment_2]: [&mut [f32]; 4]| {
            for (((p, g), m), v) in parameter.iter_mut().zip(gradient).zip(moment_1).zip(moment_2) {
                update([p, m, v], *g, rate_now, epsilon);
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
                self.burns.step(rate, parameter, gradient, Some(state))
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
    use burn::nn::LinearConfig;
    use burn::optim::GradientsParams;
    use burn::tensor::TensorData;

    /// Kingma & Ba 2015, algorithm 1, on one number: Flex takes the one pass, NdArray Burn's own steps.
    #[test]
    fn adam_is_the_textbooks() {
        for device in crate::device::all_for_tests() {
            follows_the_textbook(&device.autodiff());
        }
    }

    fn follows_the_textbook(device: &Device) {
        let mut layer =
            crate::run::weights::initialise(LinearConfig::new(1, 1).with_bias(false).init(device));
        let mut expected = f64::from(layer.weight.val().into_scalar::<f32>());
        let mut adam = adam();
        let (mut m, mut v) = (0.0, 0.0);
        for (step, slope) in [3.0, -1.5, 0.25, 7.0].into_iter().enumerate() {
            let x = Tensor::<2>::from_data(TensorData::new(vec![slope as f32], [1, 1]), device);
            let gradients = GradientsParams::from_grads(layer.forward(x).backward(), &layer);
            layer = adam.step(0.1, layer, gradients);
            let t = step as i32 + 1;
            m = 0.9 * m + 0.1 * slope;
            v = 0.98 * v + 0.02 * slope * slope;
            let (m_hat, v_hat) = (m / (1.0 - 0.9f64.powi(t)), v / (1.0 - 0.98f64.powi(t)));
            expected -= 0.1 * m_hat / (v_hat.sqrt() + 1e-9);
            let found = f64::from(layer.weight.val().into_scalar::<f32>());
            assert!((found - expected).abs() < 1e-5, "step {t}: {found} is not {expected}");
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
