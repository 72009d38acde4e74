// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_edges.hpp"

#include "cuda_memory.hpp"

#include <algorithm>

namespace matting {
namespace {

constexpr const char *what = "edges";

int half_of(int size)
{
	return (size + 1) / 2;
}

cuda::PixelView pixels_at(void *data, int width, int height)
{
	return {static_cast<uint8_t *>(data), height, width, std::ptrdiff_t{4} * width};
}

} // namespace

void CudaEdges::set_plate(const Picture &plate, cudaStream_t stream)
{
	resize(plate.width, plate.height);
	const size_t row = size_t{4} * plate.width;
	check_cuda(cudaMemcpy2DAsync(plate_.data, row, plate.pixels, plate.pitch, row, plate.height,
				     cudaMemcpyHostToDevice, stream),
		   what);
	halve_plate(stream);
	check_cuda(cudaStreamSynchronize(stream), what);
}

void CudaEdges::resize(int width, int height)
{
	if (plate_.width == width && plate_.height == height)
		return;
	plate_ = {};
	half_.reset();
	halves_memory_.reset();
	maps_memory_.reset();
	plate_memory_ = cuda::allocate_scratch(size_t{4} * width * height, what);
	plate_ = pixels_at(plate_memory_.get(), width, height);
}

void CudaEdges::halve_plate(cudaStream_t stream)
{
	if (std::max(plate_.width, plate_.height) < edge_least_halved)
		return;
	if (!half_)
		half_ = std::make_unique<CudaEdges>();
	half_->resize(half_of(plate_.width), half_of(plate_.height));
	cuda::halve_picture(plate_, half_->plate_, {}, stream);
	half_->halve_plate(stream);
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

void CudaEdges::make_halves()
{
	const int width = half_->plate_.width, height = half_->plate_.height;
	const size_t pixels = size_t{1} * width * height;
	halves_memory_ = cuda::allocate_scratch(9 * pixels, what);
	auto *data = static_cast<uint8_t *>(halves_memory_.get());
	half_source_ = pixels_at(data, width, height);
	half_matte_ = pixels_at(data + 4 * pixels, width, height);
	before_ = {data + 8 * pixels, height, width};
}

void CudaEdges::begin(const cuda::PixelView &source, const cuda::PixelView &matte, float strength, cudaStream_t stream)
{
	if (!half_)
		return;
	if (!halves_memory_)
		make_halves();
	cuda::halve_picture(source, half_source_, {}, stream);
	cuda::halve_picture(matte, half_matte_, before_, stream);
	half_->solve(half_source_, half_matte_, strength, stream);
	cuda::add_gains(half_matte_, before_, source, matte, stream);
}

void CudaEdges::solve(const cuda::PixelView &source, const cuda::PixelView &matte, float strength, cudaStream_t stream)
{
	if (!maps_memory_)
		make_maps();
	begin(source, matte, strength, stream);
	cuda::solve_edges(source, plate_, matte, maps_, strength, stream);
}

} // namespace matting
