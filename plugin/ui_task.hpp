// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "callback.hpp"

namespace matting {

/// Runs a member of the filter that `source` is on the UI thread, unless it has gone by then.
template<auto method> void queue_for_ui(obs_source_t *source)
{
	const auto task = [](void *parameter) {
		auto *weak = static_cast<obs_weak_source_t *>(parameter);
		if (obs_source_t *filter = obs_weak_source_get_source(weak)) {
			if (void *data = obs_obj_get_data(filter))
				callback<method>(data);
			obs_source_release(filter);
		}
		obs_weak_source_release(weak);
	};
	obs_queue_task(OBS_TASK_UI, task, obs_source_get_weak_source(source), /*wait=*/false);
}

} // namespace matting
