daicho_fuzz(version_key SOURCES ${CMAKE_CURRENT_LIST_DIR}/../version_key_fuzz.cc DEPS daicho_common)
