// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter_hotkeys.hpp"

#include "removed_filters.hpp"
#include "text.hpp"

#include <utility>

namespace matting {

FilterHotkeys::Ids FilterHotkeys::none()
{
	Ids ids;
	ids.fill(OBS_INVALID_HOTKEY_ID);
	return ids;
}

// Without its keys first: libobs tells a hotkey that it has freed of a key that is held down.
void FilterHotkeys::unregister(const Ids &ids)
{
	for (const obs_hotkey_id id : ids) {
		if (id == OBS_INVALID_HOTKEY_ID)
			continue;
		obs_hotkey_load_bindings(id, nullptr, 0);
		obs_hotkey_unregister(id);
	}
}

std::string FilterHotkeys::full_name(size_t hotkey) const
{
	return fmt::format("background_matting.{}.{}", hotkey_names[hotkey], series_.name());
}

bool FilterHotkeys::is_wrong(obs_source_t *parent, const char *name) const
{
	return parent && name && parent != removed_from_ &&
	       (!obs_weak_source_references_source(parent_, parent) || name_ != name);
}

bool FilterHotkeys::needs_update(obs_source_t *source)
{
	obs_source_t *parent = obs_filter_get_parent(source);
	const std::lock_guard lock(mutex_);
	if (!parent)
		removed_from_ = nullptr;
	if (is_queued_ || !is_wrong(parent, obs_source_get_name(source)))
		return false;
	is_queued_ = true;
	return true;
}

void FilterHotkeys::update(obs_source_t *source, const FilterParent &its_parent)
{
	const OBSSource held = its_parent.of(source);
	obs_source_t *parent = held;
	const char *name = obs_source_get_name(source);
	Ids present;
	{
		const std::lock_guard lock(mutex_);
		is_queued_ = false;
		if (!is_wrong(parent, name))
			return;
		name_ = name;
		present = obs_weak_source_references_source(parent_, parent) ? ids_ : none();
		parent_ = OBSGetWeakRef(parent);
	}
	if (present == none())
		return replace(add(parent, name), /*unless_removed_from=*/parent);
	for (size_t i = 0; i < count; i++)
		obs_hotkey_set_description(present[i], text(std::string("hotkey.") + hotkey_names[i], name).c_str());
}

FilterHotkeys::Ids FilterHotkeys::add(obs_source_t *parent, const std::string &name)
{
	constexpr std::array<obs_hotkey_func, count> presses{press<0>, press<1>, press<2>};
	Ids ids;
	for (size_t i = 0; i < count; i++) {
		ids[i] = obs_hotkey_register_source(parent, full_name(i).c_str(),
						    text(std::string("hotkey.") + hotkey_names[i], name).c_str(),
						    presses[i], this);
		if (const OBSDataArray keys = take_keys(parent, full_name(i)))
			obs_hotkey_load(ids[i], keys);
	}
	return ids;
}

void FilterHotkeys::keep(const Ids &ids, obs_source_t *parent) const
{
	for (size_t i = 0; i < count; i++) {
		const OBSDataArrayAutoRelease keys = obs_hotkey_save(ids[i]);
		if (obs_data_array_count(keys) > 0)
			remember_keys(parent, full_name(i), keys);
	}
}

void FilterHotkeys::replace(Ids added, obs_source_t *unless_removed_from)
{
	Ids old;
	{
		const std::lock_guard lock(mutex_);
		const bool is_late = unless_removed_from && unless_removed_from == removed_from_;
		old = is_late ? added : std::exchange(ids_, added);
	}
	unregister(old);
}

// One may be registered at this moment, and libobs still says for a while that there is a parent. A parent that goes itself is
// held by nobody: it was saved with its keys, and nothing is registered there.
void FilterHotkeys::remove()
{
	Ids present;
	OBSSource parent;
	{
		const std::lock_guard lock(mutex_);
		present = ids_;
		parent = OBSGetStrongRef(std::exchange(parent_, nullptr));
		removed_from_ = parent;
	}
	if (parent && present != none())
		keep(present, parent);
	replace(none(), nullptr);
}

} // namespace matting
