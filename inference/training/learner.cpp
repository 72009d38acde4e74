// SPDX-License-Identifier: GPL-2.0-or-later
#include "learner.hpp"

#include "losses.hpp"

#include <torch/csrc/jit/runtime/graph_executor.h>

namespace matting::training {
namespace {

constexpr int coarse_outputs = 5; // alpha, foreground residual, error; what follows is hidden
constexpr int refiner_scale = 4;  // of the full size to the coarse one, and of a patch's sides
constexpr double auxiliary_share = 0.3, error_share = 2;

at::Tensor run(const torch::jit::Module &module, const at::Tensor &x)
{
	return torch::jit::Module(module).forward({x}).toTensor();
}

torch::jit::Module part(const torch::jit::Module &module, const std::string &name)
{
	return module.attr(name).toModule();
}

at::Tensor weight_of(const torch::jit::Module &convolution)
{
	return convolution.attr("weight").toTensor();
}

at::Tensor resize_like(const at::Tensor &x, const at::Tensor &other)
{
	return at::upsample_bilinear2d(x, {other.size(2), other.size(3)}, false);
}

at::Tensor downsample(const at::Tensor &x)
{
	return at::upsample_bilinear2d(x, {x.size(2) / refiner_scale, x.size(3) / refiner_scale}, false);
}

at::Tensor convolve(const at::Tensor &x, const torch::jit::Module &convolution, int first, int end)
{
	return at::conv2d(x, weight_of(convolution).slice(0, first, end),
			  convolution.attr("bias").toTensor().slice(0, first, end), /*stride=*/1, /*padding=*/1);
}

// Note [Where the refiner learns]
// In use the refiner works where the coarse network expects an error, be it at an edge or in the middle of a jacket. Here it
// works in the same places, on a tenth of the picture, with some preference for true edges. (With nothing but edges it
// learnt that everything is an edge, and made holes into fur.) Where the coarse network misses a whole part without any
// doubt there is nothing to be learnt: nobody will ask the refiner.
at::Tensor where_to_refine(const at::Tensor &expected_error, const at::Tensor &true_alpha)
{
	constexpr double preference = 0.05; // as much as a small expected error
	const auto greatest_near_patch = [](const at::Tensor &values) {
		return at::max_pool2d(values, 3 * refiner_scale, refiner_scale, /*padding=*/refiner_scale);
	};
	const at::Tensor range = greatest_near_patch(true_alpha) + greatest_near_patch(1 - true_alpha) - 1;
	return expected_error.clamp(0, 1) + preference * range;
}

} // namespace

Learner::Learner(torch::jit::Module network) : network_(std::move(network)), model_(part(network_, "model"))
{
	const int deep_channels = 256;
	auxiliary_weight_ = torch::zeros({1, deep_channels, 1, 1});
	auxiliary_bias_ = torch::zeros(1);
	for (auto &[name, tensor] : state_dict(network_))
		if (tensor.dim() == 4)
			at::Tensor(tensor).set_data(tensor.contiguous(at::MemoryFormat::ChannelsLast));
	begin(lesson_);
}

void Learner::begin(Lesson lesson)
{
	lesson_ = lesson;
	// Note [Batch norms]
	// Small batches spoil the statistics of a network that is good already. Only the coarse lesson, which has the most
	// samples, gathers any; elsewhere the norms are the affine layers that they will be in use. The refiner's are the
	// identity from the start (`make_pass_through`): it is shallow enough to learn without.
	network_.eval();
	if (lesson == Lesson::coarse) {
		for (const char *name : {"backbone", "aspp", "decoder"})
			part(model_, name).train();
		part(model_, "aspp").setattr("training", false); // its own flag is that of the dropout
	}
	for (const auto &[name, tensor] : weights())
		at::Tensor(tensor).requires_grad_(false);
	for (const auto &[name, tensor] : parameters())
		at::Tensor(tensor).requires_grad_(true);
}

StateDict Learner::parameters() const
{
	const bool refines = lesson_ == Lesson::refiner;
	StateDict chosen;
	for (const auto &[name, tensor] : weights()) {
		if (!name.ends_with(".weight") && !name.ends_with(".bias"))
			continue;
		const bool is_refiners = name.starts_with("refiner.");
		const bool is_shared = name.starts_with("decoder.conv4."); // its hidden channels feed the refiner
		if (is_shared || is_refiners == refines)
			chosen.emplace(name, tensor);
	}
	return chosen;
}

StateDict Learner::weights() const
{
	StateDict all = state_dict(network_);
	all.emplace("auxiliary.weight", auxiliary_weight_);
	all.emplace("auxiliary.bias", auxiliary_bias_);
	return all;
}

Learner::Coarse Learner::coarse(const at::Tensor &source, const at::Tensor &background, bool learns) const
{
	const torch::jit::Module decoder = part(model_, "decoder");
	at::Tensor input, deep, x;
	Coarse result;
	{
		const at::AutoGradMode gradients(learns);
		input = at::cat({source, background}, 1);
		const auto features = part(model_, "backbone").forward({input}).toTuple();
		const auto skip = [&](size_t i) {
			return features->elements()[i].toTensor();
		};
		x = result.deep = run(part(model_, "aspp"), skip(0));
		for (const int i : {1, 2, 3}) {
			const auto number = std::to_string(i);
			x = at::cat({resize_like(x, skip(i)), skip(i)}, 1);
			x = run(part(decoder, "bn" + number), run(part(decoder, "conv" + number), x)).relu_();
		}
		x = at::cat({resize_like(x, input), input}, 1);
		const at::Tensor outputs = convolve(x, part(decoder, "conv4"), 0, coarse_outputs);
		result.alpha = outputs.slice(1, 0, 1);
		result.foreground = outputs.slice(1, 1, 4);
		result.error = outputs.slice(1, 4, 5);
	}
	if (!learns) {
		const at::Tensor weight = weight_of(part(decoder, "conv4"));
		result.hidden =
			convolve(x, part(decoder, "conv4"), coarse_outputs, static_cast<int>(weight.size(0))).relu_();
	}
	return result;
}

// `batch` has the coarse size.
at::Tensor Learner::coarse_loss(const Coarse &coarse, const Batch &batch) const
{
	const at::Tensor alpha = straight_through_clamp(coarse.alpha);
	const at::Tensor foreground = straight_through_clamp(coarse.foreground + batch.source);
	const at::Tensor error = straight_through_clamp(coarse.error);
	const at::Tensor loss = matting_loss(alpha, foreground, batch.alpha, batch.foreground).mean() +
				error_share * (error - (alpha.detach() - batch.alpha).abs()).square().mean();
	if (lesson_ ==
	    Lesson::adapting) // files do not have the auxiliary head: learning it anew would spoil the features
		return loss;
	const at::Tensor logit = at::conv2d(coarse.deep, auxiliary_weight_, auxiliary_bias_);
	const at::Tensor small_alpha = at::adaptive_avg_pool2d(batch.alpha, {logit.size(2), logit.size(3)});
	return loss + auxiliary_share * at::binary_cross_entropy_with_logits(logit, small_alpha);
}

Lecture Learner::study_coarse(const Batch &batch) const
{
	const Coarse found = coarse(batch.source, batch.background, /*learns=*/true);
	const at::Tensor error = (found.alpha.detach().clamp(0, 1) - batch.alpha).abs().mean();
	return {coarse_loss(found, batch), error, error};
}

Lecture Learner::study_patches(const Batch &batch) const
{
	const Coarse found = coarse(downsample(batch.source), downsample(batch.background), /*learns=*/false);
	const at::Tensor coarse_alpha = straight_through_clamp(found.alpha);
	const at::Tensor miss = (resize_like(coarse_alpha.detach(), batch.alpha) - batch.alpha).abs();
	const at::Tensor doubt = where_to_refine(found.error.detach(), batch.alpha);

	constexpr int share_of_patches = 10;
	const int64_t pixels = batch.alpha.size(2) * batch.alpha.size(3) / share_of_patches;
	torch::jit::Module refiner = part(model_, "refiner");
	refiner.setattr("mode", std::string("sampling"));
	refiner.setattr("sample_pixels", pixels);
	refiner.setattr("prevent_oversampling", false);
	const auto refined =
		refiner.forward({batch.source, batch.background, coarse_alpha, found.foreground, doubt, found.hidden})
			.toTuple();
	const at::Tensor alpha = straight_through_clamp(refined->elements()[0].toTensor());
	const at::Tensor foreground = straight_through_clamp(refined->elements()[1].toTensor() + batch.source);
	const at::Tensor worked =
		at::upsample_nearest2d(refined->elements()[2].toTensor(), {batch.alpha.size(2), batch.alpha.size(3)});
	const auto mean_where_worked = [count = worked.sum(), &worked](const at::Tensor &values) {
		return (values * worked).sum() / count;
	};
	// What the refiner spoils weighs more than what it mends: pictures of other kinds will come.
	constexpr double spoiling = 1;
	const at::Tensor loss = mean_where_worked(matting_loss(alpha, foreground, batch.alpha, batch.foreground) +
						  spoiling * ((alpha - batch.alpha).abs() - miss).clamp_min(0));
	return {loss, mean_where_worked((alpha.detach() - batch.alpha).abs()), mean_where_worked(miss)};
}

Lecture Learner::study(const Batch &batch) const
{
	// The modules run as they are written: to specialise their graphs for gradients takes longer than it saves.
	const torch::jit::GraphOptimizerEnabledGuard interpreted(false);
	return lesson_ == Lesson::refiner ? study_patches(batch) : study_coarse(batch);
}

} // namespace matting::training
