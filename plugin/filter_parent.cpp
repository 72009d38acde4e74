// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_parent.hpp"

namespace matting {
namespace {

struct Search {
	obs_source_t *wanted; // which may have gone
	OBSWeakSource found;
};

OBSWeakSource find(obs_source_t *wanted)
{
	Search search{wanted, {}};
	obs_enum_all_sources(
		[](void *data, obs_source_t *source) {
			auto &to = *static_cast<Search *>(data);
			if (source == to.wanted)
				to.found = OBSGetWeakRef(source);
			return source != to.wanted;
		},
		&search);
	return search.found;
}

} // namespace

void FilterParent::look(obs_source_t *filter)
{
	obs_source_t *pointer = obs_filter_get_parent(filter);
	{
		const std::lock_guard lock(mutex_);
		if (pointer == pointer_ && (!pointer || !obs_weak_source_expired(parent_)))
			return;
	}
	const OBSWeakSource parent = pointer ? find(pointer) : OBSWeakSource();
	const std::lock_guard lock(mutex_);
	parent_ = parent;
	pointer_ = pointer;
}

OBSSource FilterParent::of(obs_source_t *filter) const
{
	OBSSource parent;
	{
		const std::lock_guard lock(mutex_);
		parent = OBSGetStrongRef(parent_);
	}
	if (parent != obs_filter_get_parent(filter)) // it was removed since
		parent = nullptr;
	return parent;
}

} // namespace matting
