// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.hpp"

namespace matting {
namespace {

constexpr int64_t channel_step = 8; // devices write whole vectors

// A view that keeps nothing alive: operations must not hold on to memory that later ones shall use again.
Map borrowed(const Map &map)
{
	return map.defined() ? at::from_blob(map.data_ptr(), map.sizes(), map.strides(), map.options()) : Map();
}

} // namespace

LayerPointer FastModel::layer(const std::string &name,
			      const std::function<LayerPointer(const StateDict &)> &prepare) const
{
	const std::lock_guard lock(mutex_);
	LayerPointer &layer = layers_[name];
	if (!layer)
		layer = prepare(weights_);
	return layer;
}

Map Plan::map(int64_t height, int64_t width, int64_t channels)
{
	const int64_t pixel = (channels + channel_step - 1) / channel_step * channel_step;
	const int64_t floats = height * width * pixel;
	size_t best = memory_.size();
	for (size_t i = 0; i < memory_.size(); i++)
		if (!(*is_used_)[i] && memory_[i].numel() >= floats &&
		    (best == memory_.size() || memory_[i].numel() < memory_[best].numel()))
			best = i;
	if (best == memory_.size()) {
		memory_.push_back(device_.allocate(floats));
		is_used_->push_back(false);
	}
	(*is_used_)[best] = true;
	const auto release = [is_used = is_used_, best](void *) {
		(*is_used)[best] = false;
	};
	return at::from_blob(memory_[best].data_ptr(), {height, width, pixel}, release, memory_[best].options())
		.narrow(2, 0, channels);
}

void Plan::note(std::function<void()> operation, std::initializer_list<const Map *> maps)
{
	operations_[static_cast<size_t>(stage_)].push_back(std::move(operation));
	for (const Map *map : maps)
		if (map->defined())
			work_[static_cast<size_t>(stage_)].bytes += sizeof(float) * static_cast<double>(map->numel());
}

void Plan::count(const Layer &layer, const Map &out)
{
	Work &work = work_[static_cast<size_t>(stage_)];
	work.bytes += sizeof(float) * static_cast<double>(layer.weight_count);
	work.multiplications +=
		static_cast<double>(layer.weight_count) * static_cast<double>(out.size(0) * out.size(1));
}

Map Plan::convolve(const Map &in, const LayerSpec &spec, const Map &out, const Map &add)
{
	const LayerPointer layer =
		model_.layer(spec.convolution + ":" + std::to_string(spec.first_input),
			     [&](const StateDict &weights) { return device_.prepare(fold(weights, spec)); });
	const Map result =
		out.defined() ? out
			      : map(layer->output_size(in.size(0)), layer->output_size(in.size(1)), layer->channels);
	note([&device = device_, layer, in = borrowed(in), out = borrowed(result),
	      add = borrowed(add)] { device.convolve(*layer, in, out, add); },
	     {&in, &result, &add});
	count(*layer, result);
	return result;
}

Map Plan::convolve_depthwise(const Map &in, const LayerSpec &spec)
{
	const LayerPointer layer = model_.layer(spec.convolution, [&](const StateDict &weights) {
		return device_.prepare_depthwise(fold(weights, spec));
	});
	const Map result = map(layer->output_size(in.size(0)), layer->output_size(in.size(1)), layer->channels);
	note([&device = device_, layer, in = borrowed(in),
	      out = borrowed(result)] { device.convolve_depthwise(*layer, in, out); },
	     {&in, &result});
	count(*layer, result);
	return result;
}

Map Plan::max_pool(const Map &in)
{
	const Map result = map((in.size(0) + 1) / 2, (in.size(1) + 1) / 2, in.size(2));
	note([&device = device_, in = borrowed(in), out = borrowed(result)] { device.max_pool(in, out); },
	     {&in, &result});
	return result;
}

Map Plan::average(const Map &in)
{
	const Map result = map(1, 1, in.size(2));
	note([&device = device_, in = borrowed(in), out = borrowed(result)] { device.average(in, out); },
	     {&in, &result});
	return result;
}

void Plan::upsample(const Map &in, const Map &out)
{
	note([&device = device_, in = borrowed(in), out = borrowed(out)] { device.upsample(in, out); }, {&in, &out});
}

void Plan::run(Stage stage) const
{
	for (const auto &operation : operations_[static_cast<size_t>(stage)])
		operation();
}

} // namespace matting
