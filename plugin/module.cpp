// SPDX-License-Identifier: GPL-2.0-or-later
#include "callback.hpp"
#include "captured_files.hpp"
#include "matting_filter.hpp"
#include "removed_filters.hpp"

#include "plugin/engine/engine_process.hpp"
#include "plugin/frames/cuda_devices.hpp"

OBS_DECLARE_MODULE()
OBS_MODULE_USE_DEFAULT_LOCALE("obs-background-matting", "en-US")

MODULE_EXPORT const char *obs_module_name()
{
	return "obs-background-matting";
}

MODULE_EXPORT const char *obs_module_description()
{
	return obs_module_text("description");
}

bool obs_module_load()
{
	try {
		matting::remove_unfinished_captures(); // of an OBS that has crashed
	} catch (const std::exception &error) {
		matting::log_exception(error);
	}
	matting::EngineProcess::allow();
	matting::allow_cuda();
	const obs_source_info info = matting::matting_filter_info();
	obs_register_source(&info);
	return true;
}

void obs_module_unload()
{
	matting::EngineProcess::stop_all();
	matting::forget_cuda();
	matting::forget_removed();
}
