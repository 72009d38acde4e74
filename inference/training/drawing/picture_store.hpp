// SPDX-License-Identifier: GPL-2.0-or-later
// People, things and rooms, drawn when they are first asked for.
#pragma once

#include <functional>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "bitmap.hpp"

namespace matting::training {

/// Keeps the `capacity` pictures asked for last. Thread-safety: safe; nobody waits for a picture that another draws,
/// unless it is the same one.
template<typename Picture> class PictureStore {
public:
	using Handle = std::shared_ptr<const Picture>;

	PictureStore(size_t capacity, std::function<Handle(uint64_t)> draw)
		: capacity_(capacity), draw_(std::move(draw))
	{
	}

	Handle get(uint64_t id)
	{
		std::promise<Handle> promise;
		std::shared_future<Handle> picture;
		bool is_new;
		{
			const std::scoped_lock lock(mutex_);
			const auto [entry, inserted] = entries_.try_emplace(id);
			is_new = inserted;
			if (is_new)
				entry->second.picture = promise.get_future().share();
			else
				order_.erase(entry->second.place);
			order_.push_front(id);
			entry->second.place = order_.begin();
			picture = entry->second.picture;
			if (order_.size() > capacity_) {
				entries_.erase(order_.back());
				order_.pop_back();
			}
		}
		if (is_new) {
			try {
				promise.set_value(draw_(id));
			} catch (...) {
				promise.set_exception(std::current_exception());
			}
		}
		return picture.get();
	}

private:
	struct Entry {
		std::shared_future<Handle> picture;
		std::list<uint64_t>::iterator place;
	};

	size_t capacity_;
	std::function<Handle(uint64_t)> draw_;
	std::mutex mutex_;
	std::list<uint64_t> order_; // the last one asked for first
	std::unordered_map<uint64_t, Entry> entries_;
};

/// A person or a thing, cut out.
struct Sprite {
	Bitmap bitmap;
	std::vector<Point> edges; ///< some places where it begins, in pixels of the bitmap; may be empty
};

/// The bitmaps are on `device`.
std::shared_ptr<const Sprite> draw_sprite(uint64_t seed, uint64_t id, at::Device device);
std::shared_ptr<const Bitmap> draw_room_bitmap(uint64_t seed, uint64_t id, at::Device device);

} // namespace matting::training
