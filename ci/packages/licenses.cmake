# The terms of everything that is passed on: our own, LibTorch's as its wheels have them, Debian's files for what is compiled
# or linked into the program from Debian's packages, and of what is in LibTorch's wheel without a word (libgomp, MKL).
set(passed_on_plugin libfmt-dev libsimde-dev)
set(passed_on_engine libcli11-dev libfmt-dev libpng-dev libseccomp-dev libssl-dev libturbojpeg0-dev libvpx-dev
	libaom-dev libnuma-dev libwebp-dev libx264-dev libx265-dev libzimg-dev nlohmann-json3-dev zlib1g-dev)
set(passed_on_libtorch libgomp1)
set(passed_on_cuda libfmt-dev)

# There may be more wheels than those that are passed on.
set(wheels ${LIBTORCH_ROOT}/licenses)
file(GLOB licenses_libtorch ${wheels}/torch/* ${wheels}/nvidia_cuda_cupti/* ${wheels}/nvidia_cuda_runtime/*
	${CMAKE_CURRENT_SOURCE_DIR}/mkl/*)
# Of LibTorch's headers something is compiled into all that uses it.
file(GLOB licenses_cuda ${wheels}/nvidia_cuda_runtime/* ${wheels}/torch/*)
file(GLOB licenses_engine ${wheels}/torch/*)
if(MATTING_FFMPEG)
	file(GLOB licenses_ffmpeg ${MATTING_FFMPEG}/ffmpeg/* ${MATTING_FFMPEG}/lcms2/*)
	list(APPEND licenses_engine ${licenses_ffmpeg})
endif()
foreach(component plugin engine libtorch cuda)
	foreach(package IN LISTS passed_on_${component})
		if(EXISTS /usr/share/doc/${package}/copyright)
			list(APPEND licenses_${component} /usr/share/doc/${package}/copyright)
		elseif(MATTING_FFMPEG) # to be packed
			message(FATAL_ERROR "There is no /usr/share/doc/${package}/copyright, which has to be passed on")
		endif()
	endforeach()
endforeach()

if(MATTING_LAYOUT STREQUAL user)
	install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${root} COMPONENT plugin)
	install(FILES README.md DESTINATION ${root}/licenses COMPONENT plugin)
	foreach(component plugin engine libtorch cuda)
		foreach(license IN LISTS licenses_${component})
			cmake_path(GET license PARENT_PATH owner)
			cmake_path(GET owner FILENAME owner)
			install(FILES ${license} DESTINATION ${root}/licenses/${owner} COMPONENT ${component})
		endforeach()
	endforeach()
	# What these refer to.
	set(referred)
	foreach(license IN LISTS licenses_plugin licenses_engine licenses_libtorch licenses_cuda)
		file(READ ${license} content)
		string(REGEX MATCHALL "/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]" found "${content}")
		list(APPEND referred ${found})
	endforeach()
	list(REMOVE_DUPLICATES referred)
	foreach(text IN LISTS referred)
		if(MATTING_FFMPEG AND NOT EXISTS ${text})
			message(FATAL_ERROR "There is no ${text}, to which the licences refer")
		endif()
		cmake_path(GET text FILENAME name)
		file(REAL_PATH ${text} text) # some are links
		install(FILES ${text} DESTINATION ${root}/licenses/common RENAME ${name} COMPONENT engine)
	endforeach()
endif()
