// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "kernels.hpp"

#include <memory>

namespace matting {

/// Edges solved on a device: what that needs there, and the plate. Belongs to the device that is current. Thread-safety: none.
class CudaEdges {
public:
	/// Copies a picture on the CPU, and waits for that.
	void set_plate(const Picture &plate, cudaStream_t stream);
	/// Asynchronous. All of the plate's size.
	void solve(const cuda::PixelView &source, const cuda::PixelView &matte, float strength, cudaStream_t stream);

private:
	/// Makes room for a plate, and for what is solved with it.
	void resize(int width, int height);
	void halve_plate(cudaStream_t stream);
	void make_maps();
	void make_halves();
	void begin(const cuda::PixelView &source, const cuda::PixelView &matte, float strength, cudaStream_t stream);

	std::shared_ptr<void> plate_memory_, maps_memory_, network_, halves_memory_;
	cuda::PixelView plate_{};
	cuda::EdgeMaps maps_{};
	/// See Note [Large pictures first at half the size].
	std::unique_ptr<CudaEdges> half_;
	cuda::PixelView half_source_{}, half_matte_{};
	cuda::Plane before_{};
};

} // namespace matting
