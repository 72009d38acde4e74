// SPDX-License-Identifier: GPL-2.0-or-later
#include "guarded_map.hpp"

namespace matting {
namespace {

constexpr float stale = 0.75f; // what other layers have left in channels that do not count

int64_t octets(int channels)
{
	return (channels + 7) / 8 * 8;
}

} // namespace

GuardedMap::GuardedMap(FastDevice &device, int element, int height, int width, int channels, int first, int spare)
	: device_(device)
{
	const int64_t pixel = first + octets(channels) + spare, row = width * pixel;
	bytes_ = height * row * element;
	memory_ = device.allocate(bytes_ + 2 * guard);
	before_ = at::full({bytes_ + 2 * guard}, 0xFF, at::kByte);
	copy_to_device(memory_.get(), before_.const_data_ptr(), before_.nbytes());
	map_ = {static_cast<uint8_t *>(memory_.get()) + guard + first * element,
		element,
		height,
		width,
		channels,
		row,
		pixel,
		memory_};
	at::Tensor inner = at::zeros({height * width, pixel * element}, at::kBool);
	inner.slice(1, first * element, (first + octets(channels)) * element).fill_(true);
	const at::Tensor outer = at::zeros({guard}, at::kBool);
	own_ = at::cat({outer, inner.flatten(), outer});
}

GuardedMap::GuardedMap(FastDevice &device, int element, const at::Tensor &values, int first, int spare)
	: GuardedMap(device, element, static_cast<int>(values.size(0)), static_cast<int>(values.size(1)),
		     static_cast<int>(values.size(2)), first, spare)
{
	const auto type = element == 1 ? at::kByte : element == 2 ? at::kHalf : at::kFloat;
	const at::Tensor bytes = before_.slice(0, guard, guard + bytes_);
	at::Tensor numbers = at::from_blob(bytes.mutable_data_ptr(), {map_.height, map_.width, map_.pixel}, type);
	at::Tensor own = numbers.slice(2, first, first + octets(map_.channels));
	own.fill_(stale);
	own.slice(2, 0, map_.channels).copy_(values);
	copy_to_device(memory_.get(), before_.const_data_ptr(), before_.nbytes());
}

int64_t GuardedMap::damage()
{
	const int all = static_cast<int>(before_.numel());
	const Map bytes{static_cast<uint8_t *>(memory_.get()), 1, 1, all, 1, all, 1, memory_};
	const at::Tensor now = device_.download(bytes).flatten().to(at::kByte);
	return at::logical_and(at::ne(now, before_), at::logical_not(own_)).sum().item<int64_t>();
}

} // namespace matting
