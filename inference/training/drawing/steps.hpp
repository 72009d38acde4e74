// SPDX-License-Identifier: GPL-2.0-or-later
// Work on the pictures of several samples at once: (B, C, H, W), fp32, on any device; colours are sRGB-encoded, 0..1, red
// first.
//
// Note [Dice on the CPU, pixels on the device]
// What happens to a sample is drawn by lot first, from its own numbers, as a plain struct of what this step and that one will
// do. Then each step is done to all samples of a batch that have drawn it, by operations of LibTorch. So a sample does not
// depend on the others, and on a card a batch takes hardly more operations than a sample does.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ATen/ATen.h>

namespace matting::training {

/// One member, or what a function says, of each.
template<typename Step, typename Member> auto each(const std::vector<Step> &steps, const Member &member)
{
	std::vector<std::decay_t<std::invoke_result_t<Member, const Step &>>> values;
	values.reserve(steps.size());
	for (const Step &step : steps)
		values.push_back(std::invoke(member, step));
	return values;
}

template<typename Value> at::Tensor to_device(const std::vector<Value> &values, at::Device device)
{
	return at::tensor(at::ArrayRef<Value>(values)).to(device, /*non_blocking=*/true);
}

/// A number for each sample, to compute with its pictures: (B, 1, 1, 1).
template<typename Step, typename Member>
at::Tensor numbers(const std::vector<Step> &steps, const Member &member, at::Device device)
{
	const auto number = [&](const Step &step) {
		return static_cast<float>(std::invoke(member, step));
	};
	return to_device(each(steps, number), device).view({-1, 1, 1, 1});
}
inline at::Tensor numbers(const std::vector<double> &values, at::Device device)
{
	return numbers(values, std::identity(), device);
}

/// One for each channel of colour.
using Factors = std::array<float, 3>;

/// (B, 3, 1, 1)
template<typename Step, typename Member>
at::Tensor factors(const std::vector<Step> &steps, const Member &member, at::Device device)
{
	std::vector<float> values;
	values.reserve(3 * steps.size());
	for (const Step &step : steps) {
		const Factors &own = std::invoke(member, step);
		values.insert(values.end(), own.begin(), own.end());
	}
	return to_device(values, device).view({-1, 3, 1, 1});
}

/// Numbers that all share. Thread-safety: safe.
class Constant {
public:
	explicit Constant(at::Tensor (*make)()) : make_(make) {}

	at::Tensor on(at::Device device)
	{
		const std::scoped_lock lock(mutex_);
		at::Tensor &tensor = tensors_[device];
		if (!tensor.defined())
			tensor = make_().to(device);
		return tensor;
	}

private:
	at::Tensor (*make_)();
	std::mutex mutex_;
	std::unordered_map<at::Device, at::Tensor> tensors_;
};

/// Of premultiplied RGBA.
inline at::Tensor colours_of(const at::Tensor &layers)
{
	return layers.narrow(1, 0, 3);
}
inline at::Tensor alpha_of(const at::Tensor &layers)
{
	return layers.narrow(1, 3, 1);
}

/// Calls `work` with the parts of the pictures that belong to these samples, in order. What it makes of a part, in place or
/// anew, is put back; constant pictures are read only.
template<typename Work, typename... Pictures>
void in_samples(const std::vector<int64_t> &samples, const Work &work, Pictures &...pictures)
{
	if (samples.empty())
		return;
	const at::Tensor &first = std::get<0>(std::tie(pictures...));
	if (static_cast<int64_t>(samples.size()) == first.size(0))
		return work(pictures...);
	const at::Tensor index = to_device(samples, first.device());
	std::array<at::Tensor, sizeof...(Pictures)> parts{pictures.index_select(0, index)...};
	std::apply(work, parts);
	const at::Tensor *part = parts.data();
	const auto put_back = [&](auto &picture) {
		if constexpr (!std::is_const_v<std::remove_reference_t<decltype(picture)>>)
			picture.index_copy_(0, index, *part);
		part++;
	};
	(put_back(pictures), ...);
}

/// Does a step where it has been drawn: calls `work` with those steps and the parts of the pictures, as `in_samples`.
template<typename Plan, typename Step, typename Work, typename... Pictures>
void where_drawn(const std::vector<Plan> &plans, std::optional<Step> Plan::*step, const Work &work,
		 Pictures &...pictures)
{
	std::vector<int64_t> samples;
	std::vector<Step> steps;
	for (size_t i = 0; i < plans.size(); i++)
		if (const std::optional<Step> &drawn = plans[i].*step) {
			samples.push_back(static_cast<int64_t>(i));
			steps.push_back(*drawn);
		}
	in_samples(
		samples, [&](auto &...parts) { work(steps, parts...); }, pictures...);
}

} // namespace matting::training
