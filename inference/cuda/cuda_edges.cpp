// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_edges.hpp"

#include "cuda_memory.hpp"

namespace matting {
namespace {

constexpr const char *what = "edges";

int half_of(int size)
{
	return (size + 1) / 2;
}

} // namespace

void CudaEdges::set_plate(const Picture &plate, cudaStream_t stream)
{
	const size_t row = size_t{4} * plate.width;
	if (plate_.width != plate.width || plate_.height != plate.height) {
		plate_ = {};
		plate_memory_ = cuda::allocate_scratch(row * plate.height, what);
		plate_ = {static_cast<uint8_t *>(plate_memory_.get()), plate.height, plate.width,
			  static_cast<std::ptrdiff_t>(row)};
		maps_memory_.reset();
	}
	check_cuda(cudaMemcpy2DAsync(plate_.data, row, plate.pixels, plate.pitch, row, plate.height,
				     cudaMemcpyHostToDevice, stream),
		   what);
	check_cuda(cudaStreamSynchronize(stream), what);
}

void CudaEdges::make_maps()
{
	if (!network_) {
		network_ = cuda::allocate_scratch(sizeof edge_network, what);
		check_cuda(cudaMemcpy(network_.get(), &edge_network, sizeof edge_network, cudaMemcpyHostToDevice),
			   what);
		cuda::finish_default_stream(what);
	}
	const int height = (plate_.height + cell - 1) / cell, width = (plate_.width + cell - 1) / cell;
	size_t cells = 0;
	for (int i = 0, rows = height, columns = width; i < edge_levels;
	     i++, rows = half_of(rows), columns = half_of(columns)) {
		maps_.levels[i] = {nullptr, rows, columns};
		cells += size_t{1} * rows * columns;
	}
	const size_t finest = size_t{1} * height * width;
	const size_t bytes = cells * sizeof(EdgeCell) +
			     size_t{1} * plate_.height * plate_.width * sizeof(cuda::EdgeChange) +
			     finest * (sizeof(EdgeLook) + sizeof(EdgeTexture) + 2 * sizeof(float) + 3);
	maps_memory_ = cuda::allocate_scratch(bytes, what);
	auto *next = static_cast<EdgeCell *>(maps_memory_.get());
	for (EdgeLevel &level : maps_.levels) {
		level.cells = next;
		next += size_t{1} * level.height * level.width;
	}
	maps_.looks = reinterpret_cast<EdgeLook *>(next);
	auto *textures = reinterpret_cast<EdgeTexture *>(maps_.looks + finest);
	auto *guessed = reinterpret_cast<float *>(textures + finest);
	maps_.sights = {textures, guessed, guessed + finest, height, width};
	maps_.changes = reinterpret_cast<cuda::EdgeChange *>(guessed + 2 * finest);
	auto *flags = reinterpret_cast<uint8_t *>(maps_.changes + size_t{1} * plate_.height * plate_.width);
	maps_.flags = {flags, height, width};
	maps_.near = {flags + finest, height, width};
	maps_.in_rows = {flags + 2 * finest, height, width};
	maps_.network = static_cast<const EdgeNetwork *>(network_.get());
}

void CudaEdges::solve(const cuda::PixelView &source, const cuda::PixelView &matte, float strength, cudaStream_t stream)
{
	if (!maps_memory_)
		make_maps();
	cuda::solve_edges(source, plate_, matte, maps_, strength, stream);
}

} // namespace matting
