// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.hpp"

namespace matting {
namespace {

constexpr int channel_step = 8; // devices write whole vectors

} // namespace

LayerPointer FastModel::layers(const std::vector<LayerSpec> &specs,
			       const std::function<LayerPointer(const std::vector<LayerWeights> &)> &prepare) const
{
	const std::lock_guard lock(mutex_);
	const LayerSpec &first = specs.front();
	LayerPointer &known = layers_[first.convolution + ":" + std::to_string(first.first_input) + ":" +
				      std::to_string(first.first_output)];
	if (known)
		return known;
	std::vector<LayerWeights> layers;
	for (const LayerSpec &spec : specs)
		layers.push_back(fold(weights_, spec));
	known = prepare(layers);
	for (const LayerSpec &spec : specs)
		if (spec.inputs < 0 && spec.outputs < 0) // nobody wants another part of it
			weights_.erase(spec.convolution + ".weight");
	return known;
}

Map Plan::map(int height, int width, int channels)
{
	const int element = device_.element();
	const std::ptrdiff_t pixel = (channels + channel_step - 1) / channel_step * channel_step, row = width * pixel;
	const size_t bytes = static_cast<size_t>(height) * row * element;
	std::shared_ptr<Memory> best;
	for (const auto &memory : memory_)
		if (!memory->is_used && memory->bytes >= bytes && (!best || memory->bytes < best->bytes))
			best = memory;
	if (!best)
		best = memory_.emplace_back(std::make_shared<Memory>(Memory{device_.allocate(bytes), bytes}));
	best->is_used = true;
	// Given back with the last handle.
	const std::shared_ptr<const void> held(best->data.get(), [best](const void *) { best->is_used = false; });
	return {static_cast<uint8_t *>(best->data.get()), element, height, width, channels, row, pixel, held};
}

void Plan::note(std::function<void()> operation, std::initializer_list<const Map *> maps)
{
	operations_[static_cast<size_t>(stage_)].push_back(std::move(operation));
	for (const Map *map : maps)
		if (map->defined())
			work_[static_cast<size_t>(stage_)].bytes += map->element * static_cast<double>(map->count());
}

void Plan::count(const Layer &layer, const Map &out)
{
	Work &work = work_[static_cast<size_t>(stage_)];
	work.bytes += out.element * static_cast<double>(layer.weight_count);
	work.multiplications += layer.multiplications(out.height, out.width);
}

Map Plan::convolve(const Map &in, const LayerSpec &spec, const Map &out, const Map &add)
{
	const LayerPointer layer =
		model_.layers({spec}, [&](const auto &layers) { return device_.prepare(layers.front()); });
	const Map result =
		out.defined() ? out : map(layer->output_size(in.height), layer->output_size(in.width), layer->channels);
	note([&device = device_, layer, in = in.borrowed(), out = result.borrowed(),
	      add = add.borrowed()] { device.convolve(*layer, in, out, add); },
	     {&in, &result, &add});
	count(*layer, result);
	return result;
}

Map Plan::convolve_depthwise(const Map &in, const LayerSpec &spec)
{
	const LayerPointer layer =
		model_.layers({spec}, [&](const auto &layers) { return device_.prepare_depthwise(layers.front()); });
	const Map result = map(layer->output_size(in.height), layer->output_size(in.width), layer->channels);
	note([&device = device_, layer, in = in.borrowed(),
	      out = result.borrowed()] { device.convolve_depthwise(*layer, in, out); },
	     {&in, &result});
	count(*layer, result);
	return result;
}

Map Plan::max_pool(const Map &in)
{
	const Map result = map((in.height + 1) / 2, (in.width + 1) / 2, in.channels);
	note([&device = device_, in = in.borrowed(), out = result.borrowed()] { device.max_pool(in, out); },
	     {&in, &result});
	return result;
}

Map Plan::average(const Map &in)
{
	const Map result = map(1, 1, in.channels);
	note([&device = device_, in = in.borrowed(), out = result.borrowed()] { device.average(in, out); },
	     {&in, &result});
	return result;
}

Map Plan::convolve_upsampled(const Map &in, const Map &both, const LayerSpec &spec, const Map &out)
{
	const LayerPointer layer =
		model_.layers({spec}, [&](const auto &layers) { return device_.prepare_upsampled(layers.front()); });
	const Map result = out.defined() ? out : map(both.height, both.width, layer->channels);
	note([&device = device_, layer, in = in.borrowed(), both = both.borrowed(),
	      out = result.borrowed()] { device.convolve_upsampled(*layer, in, both, out); },
	     {&in, &both, &both, &result}); // written and read
	count(*layer, result);
	return result;
}

void Plan::convolve_selected(const Map &in, const Map &both, const Map &mask, const LayerSpec &spec, const Map &out)
{
	const LayerPointer layer =
		model_.layers({spec}, [&](const auto &layers) { return device_.prepare_upsampled(layers.front()); });
	note([&device = device_, layer, in = in.borrowed(), both = both.borrowed(), mask = mask.borrowed(),
	      out = out.borrowed()] { device.convolve_selected(*layer, in, both, mask, out); },
	     {&in, &both, &out});
	count(*layer, out);
}

void Plan::run(Stage stage) const
{
	for (const auto &operation : operations_[static_cast<size_t>(stage)])
		operation();
}

} // namespace matting
