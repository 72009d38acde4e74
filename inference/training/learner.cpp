// SPDX-License-Identifier: GPL-2.0-or-later
#include "learner.hpp"

#include "losses.hpp"
#include "mixed_precision.hpp"

#include <algorithm>
#include <optional>

#include <torch/csrc/jit/runtime/graph_executor.h>

namespace matting::training {
namespace {

constexpr int coarse_outputs = 5; // alpha, foreground residual, error; what follows is hidden
constexpr int refiner_scale = 4;  // of the full size to the coarse one, and a patch's sides
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

// Note [Where the refiner learns]
// In use the refiner works where the coarse network expects an error, be it at an edge or in the middle of a jacket. So most
// of its patches are from the tenth of the picture where most is expected, with some preference for true edges. (With
// nothing but edges it learnt that everything is an edge, and made holes into fur.) But in use it is also given what is left
// of its number of pixels, on a wall where next to nothing is expected: without the rest of the patches, from all over the
// picture, it saw people in empty rooms.
// The coarse network stays as it is then, its hidden channels, too. Nothing else teaches those: in a network that began with
// random weights they are random combinations of what the decoder has learnt.
// Numbers of patches, row by row: (B, n).
at::Tensor where_to_refine(const at::Tensor &expected_error, const at::Tensor &true_alpha)
{
	constexpr double preference = 0.05; // as much as a small expected error
	constexpr int share_of_doubt = 10, each_of_doubt = 12, each_elsewhere = 308;
	const auto greatest_near_patch = [](const at::Tensor &values) {
		return at::max_pool2d(at::max_pool2d(values, refiner_scale), 3, /*stride=*/1, /*padding=*/1);
	};
	const at::Tensor range = greatest_near_patch(true_alpha) + greatest_near_patch(1 - true_alpha) - 1;
	const at::Tensor doubt = (expected_error.clamp(0, 1) + preference * range).flatten(1);
	const at::Tensor doubtful = std::get<1>(doubt.topk(doubt.size(1) / share_of_doubt, 1));
	const at::Tensor elsewhere =
		at::arange(0, doubt.size(1), each_elsewhere, doubtful.options()).expand({doubt.size(0), -1});
	return at::cat({doubtful.slice(1, 0, at::nullopt, each_of_doubt), elsewhere}, 1);
}

} // namespace

Learner::Learner(torch::jit::Module network, bool is_mixed)
	: network_(std::move(network)), model_(part(network_, "model")), is_mixed_(is_mixed)
{
	const int deep_channels = 256;
	auxiliary_weight_ = torch::zeros({1, deep_channels, 1, 1}, device_of(network_));
	auxiliary_bias_ = torch::zeros(1, device_of(network_));
	weights_ = state_dict(network_);
	for (const auto &[name, tensor] : weights_)
		if (tensor.dim() == 4)
			at::Tensor(tensor).set_data(tensor.contiguous(at::MemoryFormat::ChannelsLast));
	weights_.emplace("auxiliary.weight", auxiliary_weight_);
	weights_.emplace("auxiliary.bias", auxiliary_bias_);
	begin(lesson_, mixture_);
}

void Learner::begin(Lesson lesson, const Mixture &mixture)
{
	lesson_ = lesson;
	mixture_ = mixture;
	patches_.clear();
	// Note [Batch norms]
	// Small batches spoil the statistics of a network that is good already. Only the coarse lesson, which has the most
	// samples, gathers any; elsewhere the norms are the affine layers that they will be in use. The refiner's begin as
	// the identity (`make_pass_through`) and learn only what they add: it is shallow enough to learn without more.
	network_.eval();
	if (lesson == Lesson::coarse) {
		for (const char *name : {"backbone", "aspp", "decoder"})
			part(model_, name).train();
		part(model_, "aspp").setattr("training", false); // its own flag is that of the dropout
	}
	parameters_.clear();
	for (const auto &[name, tensor] : weights_) {
		const bool is_refiners = name.starts_with("refiner.");
		const bool is_factor = name.ends_with(".weight") && (tensor.dim() == 4 || !is_refiners);
		const bool learns =
			(is_factor || name.ends_with(".bias")) && is_refiners == (lesson == Lesson::refiner);
		at::Tensor(tensor).requires_grad_(learns);
		if (learns)
			parameters_.emplace(name, tensor);
	}
}

Learner::Coarse Learner::coarse(const at::Tensor &source, const at::Tensor &background, bool with_hidden) const
{
	std::optional<MixedPrecision> mixed;
	if (is_mixed_)
		mixed.emplace(source.device().type());
	const torch::jit::Module decoder = part(model_, "decoder");
	const at::Tensor input = at::cat({source, background}, 1);
	const auto features = part(model_, "backbone").forward({input}).toTuple();
	const auto skip = [&](size_t i) {
		return features->elements()[i].toTensor();
	};
	const at::Tensor deep = run(part(model_, "aspp"), skip(0));
	at::Tensor x = deep;
	for (const int i : {1, 2, 3}) {
		const auto number = std::to_string(i);
		x = at::cat({resize_like(x, skip(i)), skip(i)}, 1);
		x = run(part(decoder, "bn" + number), run(part(decoder, "conv" + number), x)).relu_();
	}
	x = at::cat({resize_like(x, input), input}, 1);
	const torch::jit::Module last = part(decoder, "conv4");
	const int64_t count = with_hidden ? weight_of(last).size(0) : coarse_outputs;
	mixed.reset(); // bfloat16 has fewer steps of alpha than a byte
	x = x.to(at::kFloat);
	const at::Tensor outputs =
		at::conv2d(x, weight_of(last).slice(0, 0, count), last.attr("bias").toTensor().slice(0, 0, count),
			   /*stride=*/1, /*padding=*/1);
	return {outputs.slice(1, 0, 1), outputs.slice(1, 1, 4), outputs.slice(1, 4, 5), deep.to(at::kFloat),
		outputs.slice(1, coarse_outputs).relu()};
}

// Note [Colours of soft edges]
// Where nothing is transparent, the foreground's colour is the picture's. Those pixels are so many that the network left most
// others at it, too: in fur it was off by 29 of 255 levels. With more weight there it is by 22.
// `batch` has the coarse size.
at::Tensor Learner::coarse_loss(const Coarse &coarse, const Batch &batch) const
{
	const at::Tensor alpha = straight_through_clamp(coarse.alpha);
	const at::Tensor foreground = straight_through_clamp(coarse.foreground + batch.source);
	const at::Tensor error = straight_through_clamp(coarse.error);
	constexpr double mixed_colours = 8;
	const at::Tensor loss = matting_loss(alpha, foreground, batch.alpha, batch.foreground, mixed_colours).mean() +
				error_share * (error - (alpha.detach() - batch.alpha).abs()).square().mean();
	if (lesson_ ==
	    Lesson::tuning) // files do not have the auxiliary head: learning it anew would spoil the features
		return loss;
	const at::Tensor logit = at::conv2d(coarse.deep, auxiliary_weight_, auxiliary_bias_);
	const at::Tensor small_alpha = at::adaptive_avg_pool2d(batch.alpha, {logit.size(2), logit.size(3)});
	return loss + auxiliary_share * at::binary_cross_entropy_with_logits(logit, small_alpha);
}

Lecture Learner::study_coarse() const
{
	const Coarse found = coarse(batch_.source, batch_.background, /*with_hidden=*/false);
	const at::Tensor error = (found.alpha.detach().clamp(0, 1) - batch_.alpha).abs().mean();
	return {coarse_loss(found, batch_), error, error};
}

Learner::Patches Learner::cut(const Batch &batch) const
{
	const torch::NoGradGuard no_grad;
	const Coarse found = coarse(downsample(batch.source), downsample(batch.background), /*with_hidden=*/true);
	const at::Tensor alpha = found.alpha.clamp(0, 1);
	const at::Tensor chosen = where_to_refine(found.error, batch.alpha);
	const int64_t across = alpha.size(3), each = chosen.size(1);
	const at::Tensor picture = at::arange(chosen.size(0), chosen.options()).repeat_interleave(each);
	const at::Tensor place = chosen.flatten();
	const at::Tensor row = place.div(across, "floor"), column = place.remainder(across);
	const auto crop = [&, method = part(model_, "refiner").get_method("crop")](const at::Tensor &planes,
										   int64_t size, int64_t margin) {
		return method({planes, picture, row, column, size, margin}).toTensor().to(at::kHalf); // they are many
	};
	const at::Tensor pictures = at::cat({batch.source, batch.background}, 1);
	const auto half_size = [&](const at::Tensor &planes) {
		return at::upsample_bilinear2d(planes, {pictures.size(2) / 2, pictures.size(3) / 2}, false);
	};
	const at::Tensor half =
		at::cat({half_size(at::cat({found.hidden, alpha, found.foreground}, 1)), half_size(pictures)}, 1);
	constexpr int side = refiner_scale;
	return {crop(half, side / 2, 3), crop(pictures, side, 2), crop(batch.alpha, side, 0),
		crop(batch.foreground, side, 0), crop(resize_like(alpha, batch.alpha), side, 0)};
}

// Note [Patches of many pictures]
// Neighbouring patches are much alike. A step on those of a few pictures, and the next one on more of the same, lead the
// refiner astray: it left 85 % of the coarse error where patches of hundreds of pictures left 70 %; with 2 000, edges in
// rooms that it did not know were 2 % better again. So each exercise has a few patches of each of the latest batches, and
// every patch is used once before its batch is forgotten.
Learner::Patches Learner::choose(int exercise) const
{
	Patches result;
	for (const auto member : Patches::members()) {
		std::vector<at::Tensor> chosen;
		for (size_t age = 0; age < patches_.size(); age++)
			chosen.push_back((patches_[age].*member)
						 .slice(0, static_cast<int64_t>(age) * exercises_ + exercise,
							at::nullopt, int64_t{mixture_.batches} * exercises_));
		result.*member = at::cat(chosen).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
	}
	return result;
}

// In fp32 always: it is so small that what takes time is to begin.
at::Tensor Learner::refine(const Patches &patches) const
{
	return part(model_, "refiner").get_method("refine")({patches.half, patches.pictures}).toTensor();
}

Lecture Learner::study_patches(const Patches &patches) const
{
	const at::Tensor refined = refine(patches);
	const at::Tensor source = patches.pictures.slice(1, 0, 3).slice(2, 2, 6).slice(3, 2, 6);
	const at::Tensor alpha = straight_through_clamp(refined.slice(1, 0, 1));
	const at::Tensor foreground = straight_through_clamp(refined.slice(1, 1, 4) + source);
	const at::Tensor error = (alpha - patches.alpha).abs(), baseline = (patches.coarse_alpha - patches.alpha).abs();
	// What the refiner spoils weighs more than what it mends: pictures of other kinds will come.
	constexpr double spoiling = 1;
	const at::Tensor loss = matting_loss(alpha, foreground, patches.alpha, patches.foreground) +
				spoiling * (error - baseline).clamp_min(0);
	return {loss.mean(), error.detach().mean(), baseline.mean()};
}

int Learner::take(const Batch &given)
{
	const at::Device device = device_of(network_);
	const Batch batch{given.source.to(device), given.background.to(device), given.alpha.to(device),
			  given.foreground.to(device)};
	const torch::jit::GraphOptimizerEnabledGuard interpreted(false);
	if (lesson_ != Lesson::refiner) {
		batch_ = batch;
		return exercises_ = 1;
	}
	const Patches latest = cut(batch);
	if (patches_.size() < static_cast<size_t>(mixture_.batches)) {
		patches_.push_front(latest);
	} else {
		// In the memory of the oldest: large blocks that come and go leave holes between those that stay.
		std::rotate(patches_.begin(), patches_.end() - 1, patches_.end());
		for (const auto member : Patches::members())
			(patches_.front().*member).copy_(latest.*member);
	}
	return exercises_ = std::max(1, static_cast<int>(patches_.front().alpha.size(0)) / mixture_.patches_of_each);
}

Lecture Learner::study(int exercise) const
{
	// The modules run as they are written: to specialise their graphs for gradients takes longer than it saves.
	const torch::jit::GraphOptimizerEnabledGuard interpreted(false);
	return lesson_ == Lesson::refiner ? study_patches(choose(exercise)) : study_coarse();
}

} // namespace matting::training
