// SPDX-License-Identifier: GPL-2.0-or-later
#include "setting_values.hpp"

#include <charconv>
#include <cmath>
#include <memory>
#include <string_view>

namespace matting {
namespace {

struct Release {
	void operator()(obs_data_item_t *item) const { obs_data_item_release(&item); }
};
using Item = std::unique_ptr<obs_data_item_t, Release>;

bool is_other(obs_data_t *settings, const char *name, obs_data_type type, const auto &is_right)
{
	const Item item(obs_data_item_byname(settings, name));
	if (!item || obs_data_item_gettype(item.get()) != type)
		return item != nullptr;
	return obs_data_item_has_user_value(item.get()) && !is_right(item.get());
}

bool is_other_number(obs_data_t *settings, const char *name, double value)
{
	return is_other(settings, name, OBS_DATA_NUMBER,
			[&](obs_data_item_t *item) { return obs_data_item_get_double(item) == value; });
}

} // namespace

double number_in(obs_data_t *settings, const char *name, double otherwise)
{
	const Item item(obs_data_item_byname(settings, name));
	double value = NAN;
	if (obs_data_item_gettype(item.get()) == OBS_DATA_NUMBER) {
		value = obs_data_item_get_double(item.get());
	} else if (obs_data_item_gettype(item.get()) == OBS_DATA_STRING) {
		const std::string_view words = obs_data_item_get_string(item.get());
		if (std::from_chars(words.begin(), words.end(), value).ptr != words.end())
			value = NAN;
	}
	return std::isfinite(value) ? value : otherwise;
}

bool switch_in(obs_data_t *settings, const char *name, bool otherwise)
{
	const Item item(obs_data_item_byname(settings, name));
	if (obs_data_item_gettype(item.get()) == OBS_DATA_BOOLEAN)
		return obs_data_item_get_bool(item.get());
	return number_in(settings, name, otherwise ? 1 : 0) != 0;
}

bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, double value)
{
	const bool is_wrong = is_other_number(settings, name, value);
	if (is_wrong)
		obs_data_set_double(corrections, name, value);
	return is_wrong;
}

bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, int64_t value)
{
	const bool is_wrong = is_other_number(settings, name, static_cast<double>(value));
	if (is_wrong)
		obs_data_set_int(corrections, name, value);
	return is_wrong;
}

bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, bool value)
{
	const bool is_wrong = is_other(settings, name, OBS_DATA_BOOLEAN,
				       [&](obs_data_item_t *item) { return obs_data_item_get_bool(item) == value; });
	if (is_wrong)
		obs_data_set_bool(corrections, name, value);
	return is_wrong;
}

bool correct(obs_data_t *corrections, obs_data_t *settings, const char *name, const char *value)
{
	const bool is_wrong = is_other(settings, name, OBS_DATA_STRING, [&](obs_data_item_t *item) {
		return obs_data_item_get_string(item) == std::string_view(value);
	});
	if (is_wrong)
		obs_data_set_string(corrections, name, value);
	return is_wrong;
}

} // namespace matting
