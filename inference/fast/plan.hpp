// SPDX-License-Identifier: GPL-2.0-or-later
// The network as a list of operations on memory that is laid out once.
//
// Note [Traced once, run for each frame]
// `trace_coarse_network` (coarse_network.cpp) is the network as the paper has it, but its operations are only noted down here,
// with their weights and maps. A map's memory is used again by later operations as soon as the tracing code drops its
// last handle. Running the list needs no allocation of maps, no lookup and no decision.
#pragma once

#include "device.hpp"

#include <map>
#include <mutex>
#include <vector>

namespace matting {

/// The weights of a recognised model, made ready for a device when a plan first asks for them, and then given up.
/// Thread-safety: safe.
class FastModel {
public:
	FastModel(Backbone backbone, StateDict weights) : backbone_(backbone), weights_(std::move(weights)) {}
	Backbone backbone() const { return backbone_; }
	/// What `prepare` makes of these layers; it is asked once for the first one's name.
	LayerPointer layers(const std::vector<LayerSpec> &specs,
			    const std::function<LayerPointer(const std::vector<LayerWeights> &)> &prepare) const;

private:
	const Backbone backbone_;
	mutable std::mutex mutex_;
	mutable StateDict weights_;
	mutable std::map<std::string, LayerPointer> layers_;
};

struct Work {
	double multiplications = 0, bytes = 0;
};

/// Thread-safety: none. The device and the model must outlive it.
class Plan {
public:
	Plan(FastDevice &device, const FastModel &model) : device_(device), model_(model) {}
	Plan(const Plan &) = delete;
	Plan &operator=(const Plan &) = delete;

	// ---- Tracing

	/// What is traced from now on belongs to this stage.
	void begin(Stage stage) { stage_ = stage; }
	/// Memory until the last handle is dropped.
	Map map(int height, int width, int channels);
	/// Into `out`, or a new map; `add` is added before the activation.
	Map convolve(const Map &in, const LayerSpec &spec, const Map &out = {}, const Map &add = {});
	Map convolve_depthwise(const Map &in, const LayerSpec &spec);
	Map max_pool(const Map &in);
	Map average(const Map &in);
	/// A convolution of `in`, upsampled to be the first channels of `both`, and the rest of it.
	Map convolve_upsampled(const Map &in, const Map &both, const LayerSpec &spec, const Map &out = {});
	/// See FastDevice. Its work is counted as if all were selected.
	bool has_convolve_selected() const { return device_.has_convolve_selected(); }
	void convolve_selected(const Map &in, const Map &both, const Map &mask, const LayerSpec &spec, const Map &out);

	// ---- Running

	void run(Stage stage) const;
	/// What one run of it takes.
	const Work &work(Stage stage) const { return work_[static_cast<size_t>(stage)]; }

private:
	void note(std::function<void()> operation, std::initializer_list<const Map *> maps);
	void count(const Layer &layer, const Map &out);

	FastDevice &device_;
	const FastModel &model_;
	Stage stage_ = Stage::backbone;
	/// A piece of memory, and whether a map holds it.
	struct Memory {
		std::shared_ptr<void> data;
		size_t bytes = 0;
		bool is_used = false;
	};
	std::vector<std::shared_ptr<Memory>> memory_;
	std::array<std::vector<std::function<void()>>, stage_names.size()> operations_;
	std::array<Work, stage_names.size()> work_{};
};

/// Neither map's memory is used for anything else as long as they are held.
struct CoarseNetwork {
	Map input;  ///< (h, w, 6): the downsampled source and background
	Map result; ///< (h, w, 37): see coarse::
};
/// Where the device can, what only the refiner reads is computed in Stage::patches, by `mask`, which must outlive the plan.
CoarseNetwork trace_coarse_network(Plan &plan, Backbone backbone, int height, int width, const Map &mask);

} // namespace matting
